import { maxLinkDays } from "../../file-exchange/link-validity.ts";
import type { Bilingual, Destination } from "../endpoint-list.ts";
import { azureRoots, hubAndStorageRoots } from "../root-certificates.ts";

/** What the rows say of the deployed stack. A stack of an older version has only the names. */
export interface AzureFacts {
  hubHostName: string;
  filesBlobEndpoint: string;
  flowUrl: string;
  /** Default: the only region that the setting allows. */
  hubRegion?: string;
  /** Default: the only region that the setting allows. */
  flowRegion?: string;
  fileRecoveryDays?: number;
  isFilesGeoReplicated?: boolean;
  logRetentionDays?: number;
}

/** The first list had these rows. */
const firstList = "2026-11-30";
const learn = "https://learn.microsoft.com/azure";
const https = [{ protocol: "tcp" as const, number: 443 }];
const isOutbound = { direction: "outbound" as const, ports: https };

/** The rows of the three access paths: IoT Hub under both of its names, files, Flow API. */
export function createAzureRows(facts: AzureFacts): Destination[] {
  const {
    hubHostName,
    filesBlobEndpoint,
    flowUrl,
    hubRegion = "westeurope",
    flowRegion = "norwayeast",
  } = facts;
  const flow = new URL(flowUrl);
  const hubRow = createHubRow(hubRegion, facts);
  return [
    {
      ...hubRow,
      id: "iot-hub",
      host: hubHostName,
      availability: "now",
      requirement: "required",
      purpose: {
        en: "The terminal's permanent connection: it gets its settings and the links to its files here, and reports its state.",
        no: "Terminalens faste forbindelse: her får den innstillinger og lenker til filene sine, og her melder den status.",
      },
      source: `${learn}/iot-hub/iot-hub-devguide-protocols`,
      since: firstList,
    },
    {
      ...hubRow,
      id: "iot-hub-second-name",
      host: hubHostName.replace(/\.azure-devices\.net$/i, ".device.azure-devices.net"),
      availability: "soon",
      requirement: "optional",
      purpose: {
        en: "A second name of the same IoT Hub, with TLS 1.3. Terminals do not use it yet. Open it now, so that a later change needs no work in your network.",
        no: "Et navn nummer to på den samme IoT-huben, med TLS 1.3. Terminalene bruker det ikke ennå. Åpne det nå, så krever en senere endring ikke noe arbeid i nettet deres.",
      },
      source: `${learn}/iot-hub/iot-hub-tls-support`,
      since: firstList,
    },
    {
      ...isOutbound,
      id: "blob-storage",
      service: "blob-storage",
      host: new URL(filesBlobEndpoint).host,
      transport: "https",
      probePath: "/?comp=list",
      availability: "now",
      requirement: "required",
      region: hubRegion,
      purpose: {
        en: "Files to and from the terminal: employees, dimensions, logs.",
        no: "Filer til og fra terminalen: ansattinformasjon, dimensjoner, logger.",
      },
      protection: {
        en: `Each file has its own link with its own key (shared access signature), valid for at most ${maxLinkDays} days. The terminal gets the link through the IoT Hub.`,
        no: `Hver fil har sin egen lenke med sin egen nøkkel (SAS), som er gyldig i høyst ${maxLinkDays} dager. Terminalen får lenken via IoT-huben.`,
      },
      revocation: {
        en: "All links of a terminal are withdrawn together, within about 30 seconds. Without that, each expires by itself.",
        no: "Alle lenkene til en terminal trekkes tilbake samlet, i løpet av omtrent 30 sekunder. Ellers utløper hver av dem av seg selv.",
      },
      personalData: {
        en: "The content of the files: names and numbers of employees, and time registrations in logs.",
        no: "Innholdet i filene: navn og nummer på ansatte, og tidsregistreringer i logger.",
      },
      dataLocation: locateFiles(facts),
      tlsInspection: "possible",
      tlsInspectionReason: {
        en: "It works if the proxy's root certificate is installed on the terminal. The proxy then sees the file's key and its content, so we recommend an exception.",
        no: "Det virker hvis rotsertifikatet til proxyen er installert på terminalen. Proxyen ser da nøkkelen til filen og innholdet, så vi anbefaler et unntak.",
      },
      minimumTls: "1.2",
      roots: hubAndStorageRoots,
      source: `${learn}/storage/common/storage-account-overview`,
      since: firstList,
    },
    {
      ...isOutbound,
      id: "flow-api",
      service: "flow-api",
      host: flow.host,
      transport: "https",
      probePath: `${flow.pathname}/`,
      availability: "now",
      requirement: "required",
      region: flowRegion,
      purpose: {
        en: "Live lookups: the terminal asks the Flow API while a person waits.",
        no: "Live-oppslag: terminalen spør Flow sitt API mens en person venter.",
      },
      protection: {
        en: "Two keys in each call: first the key that all terminals of the customer share, then the terminal's own key.",
        no: "To nøkler i hvert kall: først nøkkelen som alle terminalene til kunden deler, så terminalens egen nøkkel.",
      },
      revocation: {
        en: "The terminal's own key stops working at its next call. The shared key is replaced for all terminals of the customer without a break.",
        no: "Terminalens egen nøkkel slutter å virke ved neste kall. Den delte nøkkelen byttes for alle terminalene til kunden uten avbrudd.",
      },
      personalData: {
        en: "The lookup and its answer: for example an employee number and a balance.",
        no: "Oppslaget og svaret: for eksempel et ansattnummer og en saldo.",
      },
      dataLocation: {
        en: `Norway East (Norway). The gateway stores neither keys nor content. Its log in West Europe (EU) says which terminal called and how the call ended${daysEn(facts)}.`,
        no: `Norway East (Norge). Gatewayen lagrer verken nøkler eller innhold. Loggen, i West Europe (EU), sier hvilken terminal som kalte, og hvordan kallet endte${daysNo(facts)}.`,
      },
      tlsInspection: "possible",
      tlsInspectionReason: {
        en: "It works if the proxy's root certificate is installed on the terminal. The proxy then sees both keys and the personal data, so we recommend an exception.",
        no: "Det virker hvis rotsertifikatet til proxyen er installert på terminalen. Proxyen ser da begge nøklene og personopplysningene, så vi anbefaler et unntak.",
      },
      minimumTls: "1.2",
      roots: azureRoots,
      source: `${learn}/security/fundamentals/azure-ca-details`,
      since: firstList,
    },
  ];
}

/** The time that logs are kept, as the end of a sentence. */
const daysEn = ({ logRetentionDays: days }: AzureFacts) =>
  days === undefined ? "" : `, kept for ${days} days`;
const daysNo = ({ logRetentionDays: days }: AzureFacts) =>
  days === undefined ? "" : `, lagret i ${days} dager`;

function locateFiles({ isFilesGeoReplicated, fileRecoveryDays: recovery }: AzureFacts): Bilingual {
  const copyEn = isFilesGeoReplicated ? ", with a copy in North Europe (EU)" : "";
  const copyNo = isFilesGeoReplicated ? ", med en kopi i North Europe (EU)" : "";
  const restoreEn = recovery === undefined ? "" : ` and can be restored by us for ${recovery} more days`;
  const restoreNo = recovery === undefined ? "" : ` og kan gjenopprettes av oss i ${recovery} dager til`;
  return {
    en: `West Europe (EU)${copyEn}. A file is deleted ${maxLinkDays} days after its last change${restoreEn}.`,
    no: `West Europe (EU)${copyNo}. En fil slettes ${maxLinkDays} dager etter siste endring${restoreNo}.`,
  };
}

/** What both names of the IoT Hub have in common. */
const createHubRow = (region: string, facts: AzureFacts) =>
  ({
    ...isOutbound,
    service: "iot-hub",
    transport: "websocket",
    probePath: "/$iothub/websocket?iothub-no-client-cert=true",
    region,
    protection: {
      en: "Each terminal has its own device key. It signs a token that is valid for an hour.",
      no: "Hver terminal har sin egen, unike nøkkel. Den signerer et adgangsbevis (token) som er gyldig i én time.",
    },
    revocation: {
      en: "We withdraw the key with immediate effect: the IoT Hub ends the open connection and accepts no new one.",
      no: "Vi trekker tilbake nøkkelen med umiddelbar virkning: IoT-huben bryter den åpne forbindelsen og godtar ingen ny.",
    },
    personalData: null,
    dataLocation: {
      en: `West Europe (EU): the terminal's ID, customer, site, state and the names of its files, for as long as the terminal exists. A log of its connections, with the site's public address${daysEn(facts)}. After a failover, Microsoft stores identities and settings in North Europe (EU).`,
      no: `West Europe (EU): terminalens ID, kunde, lokasjon, status og navnene på filene, så lenge terminalen finnes. En logg over forbindelsene, med nettets offentlige adresse${daysNo(facts)}. Etter en failover lagrer Microsoft identiteter og innstillinger i North Europe (EU).`,
    },
    tlsInspection: "never",
    tlsInspectionReason: {
      en: "The connection is MQTT in a WebSocket that stays open for an hour. Proxies that inspect TLS often break it, and a proxy that reads along sees the terminal's token.",
      no: "Forbindelsen er MQTT i en WebSocket som står åpen i en time. Proxyer med TLS-inspeksjon bryter den ofte, og en proxy som leser med, ser terminalens adgangsbevis.",
    },
    minimumTls: "1.2",
    roots: hubAndStorageRoots,
  }) as const satisfies Partial<Destination>;
