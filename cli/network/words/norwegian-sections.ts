import type { SheetWords } from "./words.ts";

/** The Norwegian texts of the sections. */
export const norwegianSections = {
  overview: {
    title: "Kort fortalt",
    paragraphs: [
      "Terminalene er registreringsterminaler med operativsystemet Windows 10 IoT. De henter og leverer alt de trenger over nettet hos dere, og de kommuniserer med tre endepunkter i Azure:",
    ],
    points: [
      "**IoT Hub** i West Europe: terminalens faste forbindelse, med innstillinger, status og lenker til filer.",
      "**Blob-storage** i West Europe: filer til og fra terminalen (ansattinformasjon, dimensjoner, logger).",
      "**Flow API** i Norway East: live-oppslag mens en person venter.",
      "All kommunikasjon med dem er utgående og går over TLS 1.2 eller nyere på port 443. Ingen porter åpnes innover.",
    ],
  },
  destinations: {
    title: "Destinasjoner",
    paragraphs: [
      "Åpne for disse destinasjonene. Bruk vertsnavn og ikke IP-adresser. En destinasjon med flere porter trenger bare én av dem: terminalen prøver dem i rekkefølgen som står her.",
    ],
    points: [
      "**Siden** er dagen da destinasjonen kom på listen. **Kommer** betyr at terminalene ikke bruker destinasjonen ennå, men at regelen bør være på plass før de gjør det.",
      "Vertsnavn med `*`: `*.` foran betyr alle navn under domenet.",
    ],
  },
  encryption: {
    title: "Kryptering",
    paragraphs: [
      "Alle de tre endepunktene krever TLS 1.2 eller nyere. Terminalen kontrollerer at sertifikatet gjelder vertsnavnet, og at det er utstedt under et rotsertifikat som terminalen stoler på. Tjenestene selv bruker dem som står i tabellen. Kontrollen kan ikke slås av.",
    ],
    points: [
      "Mer om TLS-versjoner: [Transport Layer Security](https://en.wikipedia.org/wiki/Transport_Layer_Security).",
    ],
    noTls: "Ingen TLS. Se formålet med destinasjonen.",
    atLeast: (version) => `TLS ${version} eller nyere`,
    rootsCaption: "Rotsertifikatene",
  },
  keys: {
    title: "Nøkler, og hvordan de trekkes tilbake",
    paragraphs: [
      "Hver terminal har sine egne nøkler. Mister dere en terminal, ringer dere oss, og vi stenger alle tre endepunktene for den. De andre terminalene merker det ikke.",
    ],
    points: [
      "Nøklene ligger kryptert på terminalen. Ingen av dem står i dette dokumentet.",
      "Nøkler byttes jevnlig, uten avbrudd og uten at dere trenger å gjøre noe.",
    ],
  },
  personalData: {
    title: "Personopplysninger",
    paragraphs: ["Dette er opplysningene som går over nettet, hvor de lagres, og hvor lenge."],
    points: [],
  },
  proxies: {
    title: "Proxy",
    paragraphs: [
      "Terminalen virker bak en HTTP-proxy som tillater `CONNECT` til vertsnavnene på port 443. Si fra til oss hvilken proxy terminalene skal bruke; vi legger adressen inn på terminalen.",
    ],
    points: [
      "**Uten innlogging:** `http://PROXY:PORT` er nok.",
      "**Med innlogging:** brukernavn og passord (Basic) kan legges inn. Innlogging med Windows-konto (NTLM eller Kerberos) støttes ikke: lag et unntak for terminalene eller for vertsnavnene.",
      "**PAC-fil:** terminalens programvare leser ikke PAC-filer. Oppgi den proxyen som PAC-filen velger for disse vertsnavnene.",
      "**WebSocket:** proxyen må la forbindelsen til IoT Hub stå åpen i minst en time og ikke stanse `Upgrade: websocket`.",
      "**Klokke, DNS og TeamViewer på port 5938** går ikke gjennom en HTTP-proxy.",
      "En proxy som svarer med en egen innloggings- eller sperreside, stanser terminalen.",
    ],
  },
  tlsInspection: {
    title: "TLS-inspeksjon",
    paragraphs: [
      "Noen brannmurer og proxyer dekrypterer TLS og setter inn sitt eget sertifikat. Vi anbefaler unntak for alle destinasjonene. Tabellen viser hva som gjelder for hver av dem.",
    ],
    points: [],
  },
  addresses: {
    title: "Hvorfor det ikke er faste IP-adresser",
    paragraphs: [
      "Tjenestene i Azure har vertsnavn og ikke faste adresser. Microsoft flytter dem uten varsel, og en regel som bygger på en adresse, slutter da å virke uten at noe er endret hos dere. Bruk derfor vertsnavn i brannmuren, eller en proxy.",
      "Må dere ha adresser, finnes de bare som Microsofts service tags, en liste som kommer ut hver uke: [Azure IP Ranges and Service Tags](https://www.microsoft.com/en-US/download/details.aspx?id=56519).",
    ],
    points: [],
    tagIntroduction: (date, changeNumber) =>
      `Adressene under er fra Microsofts fil${date === undefined ? "" : ` fra ${date}`}, endringsnummer ${changeNumber}. Filen kommer hver uke, så reglene må oppdateres hver uke.`,
    tagWarning:
      "En service tag gjelder tjenesten og ikke bare oss: adressene slipper terminalene til alle andre kunders IoT-huber og lagringskontoer i regionen også. Vertsnavn er strengere.",
    tagsAreOld: (date, days) =>
      `Filen fra ${date} er ${days} dager eldre enn dette arket: den kan mangle adresser. Last ned den nyeste før dere lager regler av den.`,
    tagCount: (ranges, addresses) =>
      `${ranges} ${ranges === 1 ? "område" : "områder"}, ${addresses} IPv4-adresser`,
    tagUse: {
      hub: "IoT Hub",
      hubPair: "IoT Hub etter en failover",
      storage: "Blob-storage",
      flow: "Flow API: hele Azure i regionen",
    },
    missingTag: (name) => `Filen har ingen service tag \`${name}\`.`,
    noFlowTag:
      "Flow API har ingen egen service tag: `ApiManagement` gjelder administrasjon av tjenesten og ikke kallene fra terminalene. Bruk vertsnavnet.",
    list: (tag) => `Adressene i ${tag}`,
  },
  teamviewer: {
    title: "TeamViewer",
    paragraphs: [
      "Vi bruker TeamViewer til fjernhjelp, og bare når dere ber om det. TeamViewer oppgir ingen IP-adresser eller -områder for programvaren sin.",
    ],
    points: [
      "Forbindelsen er utgående fra terminalen. Ingen porter åpnes innover.",
      "Uten TeamViewer virker terminalene som før, men vi kan ikke se skjermen når noe er galt.",
    ],
    order: "Portene prøves i denne rekkefølgen:",
  },
  offline: {
    title: "Når nettet er borte",
    paragraphs: [
      "Terminalen venter og kobler seg til igjen av seg selv, først etter noen sekunder, så med lengre pauser, høyst fem minutter.",
    ],
    points: [
      "**Virker:** alt som bygger på filene terminalen allerede har, for eksempel ansattlisten.",
      "**Venter:** filer i begge retninger. De overføres når nettet er tilbake, og hver fil overføres nøyaktig én gang. En lenke er gyldig i 30 dager.",
      "**Virker ikke:** live-oppslag. Personen ved terminalen får beskjed.",
      "**Nøkler:** en nøkkel som trekkes tilbake mens terminalen er borte, er stengt når den kommer tilbake.",
    ],
  },
  support: {
    title: "Hvem dere ringer",
    paragraphs: [
      "Ta kontakt før dere innfører TLS-inspeksjon, bytter proxy eller strammer inn reglene. Oppgi versjonen øverst i dokumentet.",
    ],
    points: [],
    name: "Kontakt",
    phone: "Telefon",
    email: "E-post",
    hours: "Åpningstid",
    hoursOf: (hours) => `Hverdager ${hours.replace("-", "–")}`,
    noContact: "Bruk den vanlige kontakten deres hos leverandøren av terminalene.",
  },
  changes: {
    title: "Endringer",
    paragraphs: [],
    points: [],
    first: "Dette er den første utgaven, eller det er ikke oppgitt noen tidligere utgave å sammenligne med.",
    since: (date) => `Endret siden utgaven fra ${date}:`,
    nothing: (date) => `Ingen endringer siden utgaven fra ${date}.`,
    added: "Ny",
    removed: "Fjernet",
    changed: "Endret",
    fields: {
      host: "vertsnavn",
      ports: "porter",
      transport: "protokoll",
      probePath: "adresse for kontroll",
      availability: "tidspunkt",
      requirement: "krav",
      direction: "retning",
      region: "region",
      purpose: "formål",
      protection: "nøkkel",
      revocation: "tilbaketrekking",
      personalData: "personopplysninger",
      dataLocation: "lagring",
      tlsInspection: "TLS-inspeksjon",
      tlsInspectionReason: "begrunnelse for TLS-inspeksjon",
      minimumTls: "laveste TLS-versjon",
      roots: "rotsertifikater",
      source: "kilde",
      service: "tjeneste",
    },
  },
  rules: {
    title: "Ferdige brannmurregler",
    paragraphs: [
      "Reglene er laget av de samme radene som tabellen over. Bytt ut det som står med store bokstaver, for eksempel `TERMINALS`, `LAN` og `WAN`, med navnene hos dere, og prøv reglene på én terminal først.",
    ],
    points: [],
    tried: "Prøvd med",
    notTried: (checked) => `Ikke prøvd på utstyr fra leverandøren. ${checked}`,
    file: "Fil",
  },
} satisfies Partial<SheetWords>;
