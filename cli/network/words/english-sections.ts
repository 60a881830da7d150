import type { SheetWords } from "./words.ts";

/** The English texts of the sections. */
export const englishSections = {
  overview: {
    title: "In short",
    paragraphs: [
      "The terminals are time and attendance terminals that run Windows 10 IoT. They fetch and deliver all they need over your network, and they communicate with three access points in Azure:",
    ],
    points: [
      "**IoT Hub** in West Europe: the terminal's permanent connection, with settings, state and links to files.",
      "**Blob storage** in West Europe: files to and from the terminal (employee information, dimensions, logs).",
      "**Flow API** in Norway East: live lookups while a person waits.",
      "All communication with them is outgoing, with TLS 1.2 or newer on port 443. No port is opened inwards.",
    ],
  },
  destinations: {
    title: "Destinations",
    paragraphs: [
      "Open these destinations. Use host names, not IP addresses. A destination with several ports needs only one of them: the terminal tries them in the order given here.",
    ],
    points: [
      "**Since** is the day on which the destination came onto the list. **Soon** means that terminals do not use the destination yet, but that the rule should exist before they do.",
      "Host names with `*`: `*.` at the beginning means all names below the domain.",
    ],
  },
  encryption: {
    title: "Encryption",
    paragraphs: [
      "All three access points require TLS 1.2 or newer. The terminal verifies that the certificate is for the host name, and that it was issued below a root certificate that the terminal trusts. The services themselves use those in the table. This check cannot be switched off.",
    ],
    points: [
      "About the versions of TLS: [Transport Layer Security](https://en.wikipedia.org/wiki/Transport_Layer_Security).",
    ],
    noTls: "No TLS. See the destination's purpose.",
    atLeast: (version) => `TLS ${version} or newer`,
    rootsCaption: "The root certificates",
  },
  keys: {
    title: "Keys, and how they are withdrawn",
    paragraphs: [
      "Each terminal has its own keys. If you lose a terminal, call us: we close all three access points for it. The other terminals do not notice.",
    ],
    points: [
      "The keys are stored encrypted on the terminal. None of them is in this document.",
      "Keys are replaced regularly, without an outage and without work for you.",
    ],
  },
  personalData: {
    title: "Personal data",
    paragraphs: ["This is the data that passes your network, where it is stored, and for how long."],
    points: [],
  },
  proxies: {
    title: "Proxy",
    paragraphs: [
      "The terminal works behind an HTTP proxy that allows `CONNECT` to the host names on port 443. Tell us which proxy the terminals shall use; we store its address on the terminal.",
    ],
    points: [
      "**Without sign-in:** `http://PROXY:PORT` is enough.",
      "**With sign-in:** a user name and a password (Basic) can be stored. Sign-in with a Windows account (NTLM or Kerberos) is not supported: make an exception for the terminals or for the host names.",
      "**PAC file:** the terminal's software reads no PAC files. Give us the proxy that the PAC file chooses for these host names.",
      "**WebSocket:** the proxy must leave the connection to the IoT Hub open for at least an hour, and must not stop `Upgrade: websocket`.",
      "**Clock, DNS and TeamViewer on port 5938** do not pass through an HTTP proxy.",
      "A proxy that answers with a sign-in or block page of its own stops the terminal.",
    ],
  },
  tlsInspection: {
    title: "TLS inspection",
    paragraphs: [
      "Some firewalls and proxies decrypt TLS and present a certificate of their own. We recommend an exception for all destinations. The table shows what applies to each of them.",
    ],
    points: [],
  },
  addresses: {
    title: "Why there are no fixed IP addresses",
    paragraphs: [
      "The services in Azure have host names and no fixed addresses. Microsoft moves them without notice, and a rule that is built on an address then stops working although nothing has changed on your side. So use host names in the firewall, or a proxy.",
      "If you must have addresses, they exist only as Microsoft's service tags, a list that is published every week: [Azure IP Ranges and Service Tags](https://www.microsoft.com/en-US/download/details.aspx?id=56519).",
    ],
    points: [],
    tagIntroduction: (date, changeNumber) =>
      `The addresses below are from Microsoft's file${date === undefined ? "" : ` of ${date}`}, change number ${changeNumber}. The file is published every week, so the rules must be updated every week.`,
    tagWarning:
      "A service tag is for the service, not for us alone: these addresses also let the terminals reach the IoT Hubs and storage accounts of every other customer in the region. Host names are stricter.",
    tagsAreOld: (date, days) =>
      `The file of ${date} is ${days} days older than this sheet: addresses can be missing in it. Download the newest one before you make rules of it.`,
    tagCount: (ranges, addresses) =>
      `${ranges} ${ranges === 1 ? "range" : "ranges"}, ${addresses} IPv4 addresses`,
    tagUse: {
      hub: "IoT Hub",
      hubPair: "IoT Hub after a failover",
      storage: "Blob storage",
      flow: "Flow API: all of Azure in the region",
    },
    missingTag: (name) => `The file has no service tag \`${name}\`.`,
    noFlowTag:
      "The Flow API has no service tag of its own: `ApiManagement` is for the management of the service, not for the calls of terminals. Use the host name.",
    list: (tag) => `The addresses of ${tag}`,
  },
  teamviewer: {
    title: "TeamViewer",
    paragraphs: [
      "We use TeamViewer for remote help, and only when you ask for it. TeamViewer does not publish IP addresses or ranges for its software.",
    ],
    points: [
      "The connection is outgoing from the terminal. No port is opened inwards.",
      "Without TeamViewer the terminals work as before, but we cannot see the screen when something is wrong.",
    ],
    order: "The ports are tried in this order:",
  },
  offline: {
    title: "While the network is away",
    paragraphs: [
      "The terminal waits and connects again by itself, first after some seconds, then with longer pauses of at most five minutes.",
    ],
    points: [
      "**Works:** all that builds on the files that the terminal already has, such as the list of employees.",
      "**Waits:** files in both directions. They are transferred when the network is back, and each exactly once. A link is valid for 30 days.",
      "**Does not work:** live lookups. The person at the terminal is told.",
      "**Keys:** a key that is withdrawn while the terminal is away is closed when it comes back.",
    ],
  },
  support: {
    title: "Who to call",
    paragraphs: [
      "Contact us before you introduce TLS inspection, change a proxy or tighten rules. Name the version at the top of this document.",
    ],
    points: [],
    name: "Contact",
    phone: "Telephone",
    email: "E-mail",
    hours: "Hours",
    hoursOf: (hours) => `Working days ${hours.replace("-", "–")}, Norwegian time`,
    noContact: "Use your usual contact at the supplier of the terminals.",
  },
  changes: {
    title: "Changes",
    paragraphs: [],
    points: [],
    first: "This is the first edition, or no earlier one was given to compare with.",
    since: (date) => `Changed since the edition of ${date}:`,
    nothing: (date) => `Nothing has changed since the edition of ${date}.`,
    added: "New",
    removed: "Removed",
    changed: "Changed",
    fields: {
      host: "host name",
      ports: "ports",
      transport: "protocol",
      probePath: "address of the check",
      availability: "time",
      requirement: "need",
      direction: "direction",
      region: "region",
      purpose: "purpose",
      protection: "key",
      revocation: "withdrawal",
      personalData: "personal data",
      dataLocation: "storage",
      tlsInspection: "TLS inspection",
      tlsInspectionReason: "reason for TLS inspection",
      minimumTls: "lowest TLS version",
      roots: "root certificates",
      source: "source",
      service: "service",
    },
  },
  rules: {
    title: "Ready firewall rules",
    paragraphs: [
      "The rules are made from the same rows as the table above. Replace what is in capital letters, for example `TERMINALS`, `LAN` and `WAN`, by your own names, and try the rules on one terminal first.",
    ],
    points: [],
    tried: "Tried with",
    notTried: (checked) => `Not tried on equipment of the vendor. ${checked}`,
    file: "File",
  },
} satisfies Partial<SheetWords>;
