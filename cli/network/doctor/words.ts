import type { Bilingual } from "../endpoint-list.ts";
import type { Verdict } from "./decision-table.ts";

/*
 * All words of the doctor, in both languages. The command, its page and terminal-doctor.ps1 use these and no others.
 * Names in braces are replaced by details of the row.
 */

export const verdictWords: Record<Verdict, Bilingual> = {
  passed: { en: "passed", no: "i orden" },
  "works-with-remark": { en: "works with a remark", no: "virker, med merknad" },
  "not-needed": { en: "not needed", no: "ikke nødvendig" },
  "could-not-tell": { en: "could not tell", no: "kunne ikke avgjøres" },
  failed: { en: "failed", no: "feilet" },
};

/** Why a row was judged so, and what to ask of the people who run the network; null where there is nothing to ask. */
export interface ReasonWords {
  why: Bilingual;
  request: Bilingual | null;
}

const open: Bilingual = {
  en: "Please open outbound {protocol} port {port} from the terminals to {pattern} in the firewall.",
  no: "Åpne utgående {protocol}-port {port} fra terminalene til {pattern} i brannmuren.",
};
const allowConnect: Bilingual = {
  en: "Please allow {method} to {pattern}:{port} in the proxy {proxy}, without a sign-in and without TLS inspection.",
  no: "Tillat {method} til {pattern}:{port} i proxyen {proxy}, uten innlogging og uten TLS-inspeksjon.",
};
const noInspection: Bilingual = {
  en: "Please exempt {host}:{port} from TLS inspection. The intercepting issuer is {issuer}.",
  no: "Unnta {host}:{port} fra TLS-inspeksjon. Utstederen som griper inn, er {issuer}.",
};
const setClock: Bilingual = {
  en: "Please give the terminals the right time: open UDP port 123 to a time server, or name your own.",
  no: "Gi terminalene riktig klokke: åpne UDP-port 123 til en tidsserver, eller oppgi deres egen.",
};

const passed = {
  reached: {
    why: { en: "{host} answers on {protocol} port {port}.", no: "{host} svarer på {protocol}-port {port}." },
    request: null,
  },
  "signed-in": {
    why: {
      en: "{host} answers, and accepts the keys of this terminal.",
      no: "{host} svarer og godtar nøklene til denne terminalen.",
    },
    request: null,
  },
  "dns-answers": {
    why: { en: "The DNS server {dnsServer} answers.", no: "DNS-serveren {dnsServer} svarer." },
    request: null,
  },
  "time-answers": {
    why: {
      en: "The time server {host} answers, and the clock is right to five minutes.",
      no: "Tidsserveren {host} svarer, og klokken er riktig innenfor fem minutter.",
    },
    request: null,
  },
  "port-open": {
    why: {
      en: "{protocol} port {port} to {host} is open.",
      no: "{protocol}-port {port} til {host} er åpen.",
    },
    request: null,
  },
} satisfies Record<string, ReasonWords>;

const remarks = {
  "time-from-elsewhere": {
    why: {
      en: "{host} does not answer, but the clock is right: the terminal gets the time elsewhere, or will be wrong later.",
      no: "{host} svarer ikke, men klokken er riktig: terminalen får klokken et annet sted fra, eller vil gå feil senere.",
    },
    request: setClock,
  },
  "inspected-forbidden": {
    why: {
      en: "{host} is reached, but {issuer} decrypts the connection on its way (TLS inspection), which this destination must not have. This computer trusts that issuer. Expected: {expected}.",
      no: "{host} nås, men {issuer} dekrypterer forbindelsen underveis (TLS-inspeksjon), og det skal ikke skje for denne destinasjonen. Denne maskinen stoler på den utstederen. Forventet: {expected}.",
    },
    request: noInspection,
  },
  "inspected-allowed": {
    why: {
      en: "{host} is reached, but {issuer} decrypts the connection on its way. This computer trusts that issuer.",
      no: "{host} nås, men {issuer} dekrypterer forbindelsen underveis. Denne maskinen stoler på den utstederen.",
    },
    request: noInspection,
  },
  "unlisted-root": {
    why: {
      en: "{host} is reached; its certificate ends in the public root {issuer}, which is not on the list.",
      no: "{host} nås; sertifikatet ender i den offentlige roten {issuer}, som ikke er på listen.",
    },
    request: null,
  },
  "clock-off-elsewhere": {
    why: {
      en: "{host} is reached, but this computer's clock is {minutes} minutes {direction}.",
      no: "{host} nås, men klokken på denne maskinen er {minutes} minutter {direction}.",
    },
    request: setClock,
  },
  "proxy-signed-in": {
    why: {
      en: "{host} is reached through the proxy {proxy} with a user and a password, which each terminal then needs.",
      no: "{host} nås via proxyen {proxy} med bruker og passord, som hver terminal da må ha.",
    },
    request: allowConnect,
  },
  "revocation-blocked": {
    why: {
      en: "{host} is reached, but not all servers for the revocation of certificates are.",
      no: "{host} nås, men ikke alle servere for tilbaketrekking av sertifikater.",
    },
    request: {
      en: "Please open outbound TCP port 80 to the certificate servers of the list.",
      no: "Åpne utgående TCP-port 80 til sertifikatserverne på listen.",
    },
  },
  "no-file-waiting": {
    why: {
      en: "{host} answers. No file is waiting for this terminal, so no file link could be tried.",
      no: "{host} svarer. Ingen fil venter på denne terminalen, så ingen fillenke kunne prøves.",
    },
    request: null,
  },
  "fallback-port": {
    why: {
      en: "{host} is reached on {protocol} port {port} only, which is not the first choice.",
      no: "{host} nås bare på {protocol}-port {port}, som ikke er førstevalget.",
    },
    request: {
      en: "Please open outbound {firstPort} to {pattern} too, if you can.",
      no: "Åpne gjerne også utgående {firstPort} til {pattern}.",
    },
  },
  "sample-reached": {
    why: {
      en: "{host} is reached on {protocol} port {port}. It is one of the hosts of {pattern}; the others were not tried.",
      no: "{host} nås på {protocol}-port {port}. Den er én av vertene i {pattern}; de andre er ikke prøvd.",
    },
    request: null,
  },
} satisfies Record<string, ReasonWords>;

const notNeeded = {
  "proxy-resolves": {
    why: {
      en: "This computer's DNS does not answer, and does not have to: the proxy looks the names up.",
      no: "DNS svarer ikke på denne maskinen, og trengs ikke: proxyen slår opp navnene.",
    },
    request: null,
  },
  "not-used-yet": {
    why: {
      en: "Terminals do not use {host} yet. {cause}",
      no: "Terminalene bruker ikke {host} ennå. {cause}",
    },
    request: {
      en: "Please open outbound {protocol} port {port} to {host} before terminals begin to use it.",
      no: "Åpne utgående {protocol}-port {port} til {host} før terminalene tar den i bruk.",
    },
  },
} satisfies Record<string, ReasonWords>;

const unknown = {
  "not-finished": {
    why: {
      en: "The check did not end within the time limit of the run.",
      no: "Kontrollen ble ikke ferdig innen tidsgrensen.",
    },
    request: null,
  },
  "dns-tcp-only": {
    why: {
      en: "The DNS server {dnsServer} accepts TCP; whether it answers was not seen.",
      no: "DNS-serveren {dnsServer} godtar TCP; om den svarer, er ikke prøvd.",
    },
    request: null,
  },
  "sample-not-resolved": {
    why: {
      en: "{pattern} stands for many hosts. {host}, which was tried, has no address here; others may have one.",
      no: "{pattern} står for mange verter. {host}, som ble prøvd, har ingen adresse her; andre kan ha det.",
    },
    request: null,
  },
  "udp-silent": {
    why: {
      en: "{host} does not answer on UDP port {port}. UDP alone does not show whether it arrives.",
      no: "{host} svarer ikke på UDP-port {port}. UDP alene viser ikke om det kommer frem.",
    },
    request: null,
  },
  "unclear-answer": {
    why: {
      en: "{host} answered with {status} ({contentType}), which can be the host's own answer or that of a device on the way.",
      no: "{host} svarte med {status} ({contentType}), som kan komme fra verten eller fra en enhet underveis.",
    },
    request: null,
  },
  "not-known": {
    why: {
      en: "What was seen of {host} decides nothing.",
      no: "Det som ble sett av {host}, avgjør ingenting.",
    },
    request: null,
  },
} satisfies Record<string, ReasonWords>;

const failedOnTheWay = {
  "dns-not-found": {
    why: {
      en: "The name {host} is unknown to the DNS server {dnsServer}.",
      no: "Navnet {host} er ukjent for DNS-serveren {dnsServer}.",
    },
    request: {
      en: "Please let your DNS server resolve {host}, or give the terminals a proxy that does.",
      no: "La DNS-serveren deres slå opp {host}, eller gi terminalene en proxy som gjør det.",
    },
  },
  "dns-no-server": {
    why: {
      en: "No DNS server answers ({dnsServer}).",
      no: "Ingen DNS-server svarer ({dnsServer}).",
    },
    request: {
      en: "Please give the terminals a DNS server that answers on UDP and TCP port 53.",
      no: "Gi terminalene en DNS-server som svarer på UDP- og TCP-port 53.",
    },
  },
  "dns-server-error": {
    why: {
      en: "The DNS server {dnsServer} answers, but cannot look {host} up: {detail}.",
      no: "DNS-serveren {dnsServer} svarer, men klarer ikke å slå opp {host}: {detail}.",
    },
    request: {
      en: "Please check that your DNS server {dnsServer} resolves names of the internet, for example {host}.",
      no: "Kontroller at DNS-serveren deres, {dnsServer}, slår opp navn på internett, for eksempel {host}.",
    },
  },
  "dns-ipv6-only": {
    why: {
      en: "The DNS server {dnsServer} gives {host} only IPv6 addresses ({addresses}), and this network has only IPv4.",
      no: "DNS-serveren {dnsServer} gir {host} bare IPv6-adresser ({addresses}), og dette nettet har bare IPv4.",
    },
    request: {
      en: "Please let your DNS server give the IPv4 addresses (A records) of {host} too.",
      no: "La DNS-serveren deres også gi IPv4-adressene (A-oppføringene) til {host}.",
    },
  },
  "proxy-not-found": {
    why: {
      en: "The name of the proxy {proxy} has no address: DNS does not know it, or does not answer.",
      no: "Navnet på proxyen {proxy} har ingen adresse: DNS kjenner det ikke, eller svarer ikke.",
    },
    request: {
      en: "Please check the name of the proxy {proxy}, and that the terminals' DNS server knows it.",
      no: "Kontroller navnet på proxyen {proxy}, og at DNS-serveren til terminalene kjenner det.",
    },
  },
  "dns-wrong-address": {
    why: {
      en: "The DNS server {dnsServer} gives {host} the address {addresses}, which is not on the internet and is not the service.",
      no: "DNS-serveren {dnsServer} gir {host} adressen {addresses}, som ikke er på internett og ikke er tjenesten.",
    },
    request: {
      en: "Please remove the block or the own entry for {host} from your DNS server.",
      no: "Fjern sperringen eller den egne oppføringen for {host} i DNS-serveren deres.",
    },
  },
  "wrong-server": {
    why: {
      en: "Another server answers in place of {host} at {addresses}: its certificate is for {certificateName}, from {issuer}.",
      no: "En annen server svarer i stedet for {host} på {addresses}: sertifikatet gjelder {certificateName}, fra {issuer}.",
    },
    request: {
      en: "Please check what your DNS and your firewall do with {host}: it must reach the service itself.",
      no: "Kontroller hva DNS og brannmur hos dere gjør med {host}: navnet må føre til selve tjenesten.",
    },
  },
  "captive-portal": {
    why: {
      en: "A sign-in page of the network ({portal}) answers in place of {host}.",
      no: "En innloggingsside i nettet ({portal}) svarer i stedet for {host}.",
    },
    request: {
      en: "Please let the terminals use the network without the sign-in page, for example by their MAC addresses.",
      no: "La terminalene bruke nettet uten innloggingssiden, for eksempel ut fra MAC-adressene.",
    },
  },
  "ipv6-only": {
    why: {
      en: "This network has only IPv6, and {host} has only IPv4 addresses ({addresses}).",
      no: "Dette nettet har bare IPv6, og {host} har bare IPv4-adresser ({addresses}).",
    },
    request: {
      en: "Please give the terminals IPv4, or DNS64 with NAT64.",
      no: "Gi terminalene IPv4, eller DNS64 sammen med NAT64.",
    },
  },
  "no-route": {
    why: {
      en: "There is no route to {host} ({addresses}).",
      no: "Det finnes ingen rute til {host} ({addresses}).",
    },
    request: {
      en: "Please give the terminals a route to the internet for {host}, {protocol} port {port}.",
      no: "Gi terminalene en rute til internett for {host}, {protocol}-port {port}.",
    },
  },
  "region-cut-off": {
    why: {
      en: "No destination in the Azure region {region} is reached, although other regions are. {host}: {detail}.",
      no: "Ingen destinasjoner i Azure-regionen {region} nås, selv om andre regioner nås. {host}: {detail}.",
    },
    request: {
      en: "Please open outbound {protocol} port {port} to {host}; your rules seem to leave out the region {region}.",
      no: "Åpne utgående {protocol}-port {port} til {host}; reglene deres ser ut til å utelate regionen {region}.",
    },
  },
  "port-closed": {
    why: {
      en: "{protocol} port {port} to {host} is closed: the connection is refused at once.",
      no: "{protocol}-port {port} til {host} er stengt: forbindelsen avvises med en gang.",
    },
    request: open,
  },
  dropped: {
    why: {
      en: "Nothing answers on {protocol} port {port} of {host}: a firewall probably drops the connection.",
      no: "Ingenting svarer på {protocol}-port {port} hos {host}: trolig forkaster en brannmur forbindelsen.",
    },
    request: open,
  },
  "connection-broken": {
    why: {
      en: "The connection to {host}, {protocol} port {port}, failed: {detail}.",
      no: "Forbindelsen til {host}, {protocol}-port {port}, feilet: {detail}.",
    },
    request: open,
  },
  "proxy-unreachable": {
    why: {
      en: "The proxy {proxy} cannot be reached: {detail}.",
      no: "Proxyen {proxy} kan ikke nås: {detail}.",
    },
    request: {
      en: "Please check the proxy {proxy}: is its address right, and may the terminals reach it?",
      no: "Kontroller proxyen {proxy}: er adressen riktig, og kan terminalene nå den?",
    },
  },
  "proxy-no-answer": {
    why: {
      en: "The proxy {proxy} did not answer {method} {host}:{port}.",
      no: "Proxyen {proxy} svarte ikke på {method} {host}:{port}.",
    },
    request: allowConnect,
  },
  "proxy-closed": {
    why: {
      en: "The proxy {proxy} ended the connection without an answer to {method} {host}:{port}.",
      no: "Proxyen {proxy} brøt forbindelsen uten å svare på {method} {host}:{port}.",
    },
    request: allowConnect,
  },
  "proxy-sign-in": {
    why: {
      en: "The proxy {proxy} answers {method} {host}:{port} with 407: it asks for a sign-in ({scheme}).",
      no: "Proxyen {proxy} svarer på {method} {host}:{port} med 407: den krever innlogging ({scheme}).",
    },
    request: allowConnect,
  },
  "proxy-sign-in-refused": {
    why: {
      en: "The proxy {proxy} answers with 407 again: it does not accept the user and password that were given ({scheme}).",
      no: "Proxyen {proxy} svarer fortsatt med 407: den godtar ikke brukeren og passordet som ble oppgitt ({scheme}).",
    },
    request: {
      en: "Please give us the right user and password for the proxy {proxy}, or allow {method} to {pattern}:{port} without a sign-in.",
      no: "Gi oss riktig bruker og passord for proxyen {proxy}, eller tillat {method} til {pattern}:{port} uten innlogging.",
    },
  },
  "proxy-forbids": {
    why: {
      en: "The proxy {proxy} answers {method} {host}:{port} with 403: its rules do not allow it.",
      no: "Proxyen {proxy} svarer på {method} {host}:{port} med 403: reglene tillater det ikke.",
    },
    request: allowConnect,
  },
  "proxy-refuses": {
    why: {
      en: "The proxy {proxy} answers {method} {host}:{port} with {status}. This is no answer of the service.",
      no: "Proxyen {proxy} svarer på {method} {host}:{port} med {status}. Det er ikke et svar fra tjenesten.",
    },
    request: allowConnect,
  },
} satisfies Record<string, ReasonWords>;

const failedInside = {
  "tls-too-old": {
    why: {
      en: "What answers as {host} offers {tlsVersion} only; the service has TLS {minimumTls} or newer.",
      no: "Det som svarer som {host}, tilbyr bare {tlsVersion}; tjenesten har TLS {minimumTls} eller nyere.",
    },
    request: {
      en: "Please let {host}:{port} through unchanged, or allow TLS {minimumTls} in the device that is in between.",
      no: "Slipp {host}:{port} uendret gjennom, eller tillat TLS {minimumTls} i enheten som er imellom.",
    },
  },
  "tls-no-answer": {
    why: {
      en: "{host}:{port}{way} accepts the connection and then is silent: a firewall that filters by name probably drops it.",
      no: "{host}:{port}{way} godtar forbindelsen og svarer så ikke: trolig forkaster en brannmur som filtrerer på navn, den.",
    },
    request: {
      en: "Please allow TLS with the server name {host} on port {port}.",
      no: "Tillat TLS med servernavnet {host} på port {port}.",
    },
  },
  "tls-broken": {
    why: {
      en: "The TLS connection to {host}:{port}{way} is cut: {detail}.",
      no: "TLS-forbindelsen til {host}:{port}{way} blir brutt: {detail}.",
    },
    request: {
      en: "Please allow TLS with the server name {host} on port {port}, unchanged.",
      no: "Tillat TLS med servernavnet {host} på port {port}, uendret.",
    },
  },
  "inspected-untrusted": {
    why: {
      en: "{issuer} answers in place of {host} (TLS inspection), and this computer does not trust it. Expected: {expected}.",
      no: "{issuer} svarer i stedet for {host} (TLS-inspeksjon), og denne maskinen stoler ikke på den. Forventet: {expected}.",
    },
    request: noInspection,
  },
  "certificate-dates": {
    why: {
      en: "The certificate for {host} is valid from {validFrom} to {validTo}, which is not now.",
      no: "Sertifikatet for {host} gjelder fra {validFrom} til {validTo}, og det er ikke nå.",
    },
    request: {
      en: "Please check the clock of the terminals, and which device answers as {host} (issuer: {issuer}).",
      no: "Kontroller klokken på terminalene, og hvilken enhet som svarer som {host} (utsteder: {issuer}).",
    },
  },
  "clock-off": {
    why: {
      en: "This computer's clock is {minutes} minutes {direction}. The service refuses a clock that is more than five minutes off.",
      no: "Klokken på denne maskinen er {minutes} minutter {direction}. Tjenesten avviser en klokke som går mer enn fem minutter feil.",
    },
    request: setClock,
  },
  "foreign-answer": {
    why: {
      en: "The answer did not come from {host}: {status} ({contentType}){way}. A proxy or another device on the way blocks it.",
      no: "Svaret kom ikke fra {host}: {status} ({contentType}){way}. En proxy eller en annen enhet underveis sperrer.",
    },
    request: {
      en: "Please let connections to {host}:{port} through unchanged.",
      no: "Slipp forbindelser til {host}:{port} uendret gjennom.",
    },
  },
  "no-http-answer": {
    why: {
      en: "{host} is reached, but the request gets no answer.",
      no: "{host} nås, men forespørselen får ikke noe svar.",
    },
    request: {
      en: "Please let connections to {host}:{port} through unchanged.",
      no: "Slipp forbindelser til {host}:{port} uendret gjennom.",
    },
  },
  "upgrade-refused": {
    why: {
      en: "{host} answers over HTTPS, but the WebSocket that terminals use is not opened{way}: {detail}.",
      no: "{host} svarer over HTTPS, men WebSocket-forbindelsen som terminalene bruker, blir ikke åpnet{way}: {detail}.",
    },
    request: {
      en: "Please allow WebSocket (HTTP Upgrade) to {host}:{port}; the connection stays open for an hour.",
      no: "Tillat WebSocket (HTTP Upgrade) til {host}:{port}; forbindelsen står åpen i en time.",
    },
  },
  "time-server-wrong": {
    why: {
      en: "The time server {host} is {minutes} minutes off: the services agree with this computer's clock.",
      no: "Tidsserveren {host} går {minutes} minutter feil: tjenestene er enige med klokken på denne maskinen.",
    },
    request: setClock,
  },
  "time-no-answer": {
    why: {
      en: "The time server {host} does not answer on UDP port {port}, and no other clock was seen.",
      no: "Tidsserveren {host} svarer ikke på UDP-port {port}, og ingen annen klokke ble sett.",
    },
    request: setClock,
  },
  "keys-rejected": {
    why: {
      en: "The network is in order, but {host} does not accept the keys of this terminal: {detail}.",
      no: "Nettet er i orden, men {host} godtar ikke nøklene til denne terminalen: {detail}.",
    },
    request: null,
  },
  "sign-in-failed": {
    why: {
      en: "{host} is reached, but the sign-in with the keys of this terminal did not end: {detail}.",
      no: "{host} nås, men innloggingen med nøklene til denne terminalen ble ikke fullført: {detail}.",
    },
    request: null,
  },
} satisfies Record<string, ReasonWords>;

export const reasonWords: Readonly<Record<string, ReasonWords>> = {
  ...passed,
  ...remarks,
  ...notNeeded,
  ...unknown,
  ...failedOnTheWay,
  ...failedInside,
};

/**
 * Words for the details that a sentence names. A detail that is not here is shown as it is. The names in lower case and
 * the codes are Node's; the others are those of .NET (SocketError) in terminal-doctor.ps1.
 */
export const detailWords: Readonly<Record<string, Bilingual>> = {
  ahead: { en: "ahead", no: "foran" },
  behind: { en: "behind", no: "etter" },
  none: { en: "none", no: "ingen" },
  ...wordsFor(["no answer", "ETIMEDOUT", "TimedOut"], {
    en: "no answer in time",
    no: "ikke noe svar i tide",
  }),
  ...wordsFor(["closed", "ECONNRESET", "EPIPE", "ConnectionReset"], {
    en: "the other side ended the connection",
    no: "motparten avsluttet forbindelsen",
  }),
  ...wordsFor(["ECONNREFUSED", "ConnectionRefused"], {
    en: "the connection is refused",
    no: "forbindelsen avvises",
  }),
  ...wordsFor(["ENETUNREACH", "EHOSTUNREACH", "NetworkUnreachable", "HostUnreachable"], {
    en: "there is no route",
    no: "det finnes ingen rute",
  }),
  ...wordsFor(["ERR_SSL_WRONG_VERSION_NUMBER", "ERR_SSL_PACKET_LENGTH_TOO_LONG", "ERR_SSL_HTTP_REQUEST"], {
    en: "the answer is not TLS",
    no: "svaret er ikke TLS",
  }),
  "not HTTP": { en: "something that is not HTTP", no: "noe som ikke er HTTP" },
  ESERVFAIL: { en: "it answers with SERVFAIL", no: "den svarer med SERVFAIL" },
  EREFUSED: { en: "it answers with REFUSED", no: "den svarer med REFUSED" },
  "not authorized": { en: "not authorized", no: "ikke autorisert" },
  "no content type": { en: "no content type", no: "ingen innholdstype" },
};

function wordsFor(names: string[], words: Bilingual): Record<string, Bilingual> {
  return Object.fromEntries(names.map((name) => [name, words]));
}
