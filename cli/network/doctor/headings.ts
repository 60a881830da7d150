import type { Bilingual } from "../endpoint-list.ts";

/** Words around the rows, of the command, its page and terminal-doctor.ps1. */
export const headings = {
  title: { en: "Network check for terminals", no: "Nettverkskontroll for terminaler" },
  summary: {
    en: "{passed} passed, {remarks} with a remark, {notNeeded} not needed, {unknown} could not be told, {failed} failed",
    no: "{passed} i orden, {remarks} med merknad, {notNeeded} ikke nødvendig, {unknown} kunne ikke avgjøres, {failed} feilet",
  },
  allGood: {
    en: "All required destinations are reached.",
    no: "Alle nødvendige destinasjoner nås.",
  },
  failing: {
    en: "Required destinations that fail: {ids}.",
    no: "Nødvendige destinasjoner som feiler: {ids}.",
  },
  unknown: {
    en: "Required destinations about which nothing can be told: {ids}.",
    no: "Nødvendige destinasjoner som det ikke kan sies noe om: {ids}.",
  },
  regionCutOff: {
    en: "Azure region {region}: no destination is reached, although other regions are.",
    no: "Azure-region {region}: ingen destinasjoner nås, selv om andre regioner nås.",
  },
  request: { en: "To the people who run the network", no: "Til dem som drifter nettet" },
  verdict: { en: "Verdict", no: "Resultat" },
  destination: { en: "Destination", no: "Destinasjon" },
  ports: { en: "Ports", no: "Porter" },
  why: { en: "Why", no: "Hvorfor" },
  measured: { en: "Measured", no: "Målt" },
  optional: { en: "optional", no: "valgfri" },
  required: { en: "required", no: "nødvendig" },
  computer: { en: "Computer", no: "Maskin" },
  time: { en: "Time", no: "Tidspunkt" },
  proxy: { en: "Proxy", no: "Proxy" },
  noProxy: { en: "none", no: "ingen" },
  restricted: {
    en: "Windows restricts the language of PowerShell on this computer (AppLocker or App Control), so this check cannot run. Run it on another computer of the same network.",
    no: "Windows begrenser PowerShell på denne maskinen (AppLocker eller App Control), så kontrollen kan ikke kjøre. Kjør den på en annen maskin i samme nett.",
  },
  wrongProxy: {
    en: "-Proxy is not an http proxy URL. Include the scheme and the port: -Proxy http://proxy.example.com:8080, or -Proxy none.",
    no: "-Proxy er ikke en URL til en http-proxy. Ta med skjema og port: -Proxy http://proxy.example.com:8080, eller -Proxy none.",
  },
  noSecret: {
    en: "This report holds no key and no password.",
    no: "Denne rapporten inneholder ingen nøkler og ingen passord.",
  },
} satisfies Record<string, Bilingual>;

/** What a run came to, when it is not in order. The reason of the first destination follows. */
export const outcomeWords = {
  blocked: {
    en: "the network does not let terminals reach every required destination.",
    no: "nettet lar ikke terminalene nå alle nødvendige destinasjoner.",
  },
  "keys-rejected": {
    en: "the network is in order, and the terminal's keys are not accepted.",
    no: "nettet er i orden, og nøklene til terminalen blir ikke godtatt.",
  },
  incomplete: {
    en: "nothing can be told about a required destination.",
    no: "det kan ikke sies noe om en nødvendig destinasjon.",
  },
} satisfies Record<string, Bilingual>;
