import type { Destination } from "../endpoint-list.ts";

/** What DNS and time have in common: services of the site's network, without keys and personal data. */
const plain = {
  availability: "now",
  requirement: "required",
  direction: "outbound",
  probePath: null,
  region: null,
  protection: null,
  revocation: null,
  personalData: null,
  dataLocation: null,
  tlsInspection: "not-applicable",
  tlsInspectionReason: {
    en: "The protocol has no TLS.",
    no: "Protokollen bruker ikke TLS.",
  },
  minimumTls: null,
  roots: [],
  since: "2026-11-30",
} as const satisfies Partial<Destination>;

/** DNS and time. */
export function createNetworkRows(): Destination[] {
  return [
    {
      ...plain,
      id: "dns",
      service: "dns",
      host: null,
      ports: [
        { protocol: "udp", number: 53 },
        { protocol: "tcp", number: 53 },
      ],
      transport: "dns",
      purpose: {
        en: "Names: the terminal asks the DNS server that your network gives it. Behind a proxy, the proxy looks the names up.",
        no: "Navneoppslag: terminalen spør DNS-serveren som nettet deres tildeler. Bak en proxy er det proxyen som slår opp navnene.",
      },
      source:
        "https://learn.microsoft.com/troubleshoot/windows-server/networking/service-overview-and-network-port-requirements",
    },
    {
      ...plain,
      id: "time",
      service: "time",
      // Default of Windows outside a domain.
      host: "time.windows.com",
      ports: [{ protocol: "udp", number: 123 }],
      transport: "ntp",
      purpose: {
        en: "The correct time (NTP). A terminal with a clock that is more than five minutes off is refused. A time server of your own is as good.",
        no: "Riktig klokke (NTP). En terminal med en klokke som går mer enn fem minutter feil, blir avvist. En egen tidsserver er like bra.",
      },
      source:
        "https://learn.microsoft.com/windows-server/networking/windows-time-service/windows-time-service-tools-and-settings",
    },
  ];
}
