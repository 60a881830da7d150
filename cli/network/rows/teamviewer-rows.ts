import type { Bilingual, Destination } from "../endpoint-list.ts";

/*
 * TeamViewer tries its ports in this order: TCP and UDP 5938, TCP 443, TCP 80. It publishes no address ranges. Source:
 * "Ports used by TeamViewer" of its knowledge base.
 */
const source =
  "https://www.teamviewer.com/en/global/support/knowledge-base/teamviewer-remote/troubleshooting/ports-used-by-teamviewer/";

const hosts: [id: string, host: string, purpose: Bilingual][] = [
  [
    "teamviewer",
    "*.teamviewer.com",
    {
      en: "Remote help: our support sees the terminal's screen when it is asked to. TeamViewer publishes no addresses, only this domain.",
      no: "Fjernhjelp: brukerstøtten vår ser skjermen til terminalen når den blir bedt om det. TeamViewer oppgir ingen adresser, bare dette domenet.",
    },
  ],
  [
    "teamviewer-master",
    "master*.teamviewer.com",
    {
      en: "TeamViewer's servers that a terminal registers with. For firewalls that accept no whole domain.",
      no: "Serverne hos TeamViewer som terminalen melder seg hos. For brannmurer som ikke godtar et helt domene.",
    },
  ],
  [
    "teamviewer-router",
    "router*.teamviewer.com",
    {
      en: "TeamViewer's servers that carry a session. For firewalls that accept no whole domain.",
      no: "Serverne hos TeamViewer som overfører en økt. For brannmurer som ikke godtar et helt domene.",
    },
  ],
];

export function createTeamviewerRows(): Destination[] {
  return hosts.map(([id, host, purpose]) => ({
    id,
    service: "teamviewer",
    host,
    ports: [
      { protocol: "tcp", number: 5938 },
      { protocol: "udp", number: 5938 },
      { protocol: "tcp", number: 443 },
      { protocol: "tcp", number: 80 },
    ],
    transport: "teamviewer",
    probePath: null,
    availability: "now",
    requirement: "optional",
    direction: "outbound",
    region: null,
    purpose,
    protection: {
      en: "TeamViewer encrypts a session from end to end with its own keys. None of our keys passes.",
      no: "TeamViewer krypterer en økt fra ende til ende med egne nøkler. Ingen av våre nøkler sendes.",
    },
    revocation: {
      en: "Block the destination, or ask us to remove TeamViewer from the terminal. Everything else keeps working.",
      no: "Steng for destinasjonen, eller be oss fjerne TeamViewer fra terminalen. Alt annet virker som før.",
    },
    personalData: {
      en: "During a session: what the terminal's screen shows.",
      no: "Under en økt: det som vises på skjermen til terminalen.",
    },
    dataLocation: {
      en: "Nowhere in our systems. TeamViewer carries the session and keeps its connection data.",
      no: "Ikke i systemene våre. TeamViewer overfører økten og lagrer tilkoblingsdata.",
    },
    tlsInspection: "never",
    tlsInspectionReason: {
      en: "TeamViewer uses its own protocol on ports 443 and 80 too, which a proxy cannot decrypt.",
      no: "TeamViewer bruker sin egen protokoll også på port 443 og 80, og den kan en proxy ikke dekryptere.",
    },
    minimumTls: null,
    roots: [],
    source,
    since: "2026-11-30",
  }));
}
