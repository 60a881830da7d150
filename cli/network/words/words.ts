/** What a section of prose has: paragraphs and points, with `code`, **bold** and [links](url). */
export interface Prose {
  title: string;
  paragraphs: string[];
  points: string[];
}

/** Every word of the customer's sheet that is not in a row of the list. Both languages have all of them. */
export interface SheetWords {
  /** BCP 47 tag of the page's language. */
  locale: string;
  title: string;
  subtitle: (customer: string | undefined, environment: string) => string;
  version: string;
  date: string;
  contents: string;
  yes: string;
  no: string;
  none: string;
  required: string;
  optional: string;
  now: string;
  soon: string;
  inspection: Record<"possible" | "never" | "not-applicable", string>;
  transports: Record<"websocket" | "https" | "http" | "dns" | "ntp" | "teamviewer", string>;
  services: Record<
    "iot-hub" | "blob-storage" | "flow-api" | "certificate-status" | "dns" | "time" | "teamviewer",
    string
  >;
  /** "EU" and "Norway" of a region's name. */
  regions: Record<string, string>;
  ownDns: string;
  columns: Record<
    | "host"
    | "purpose"
    | "port"
    | "transport"
    | "region"
    | "requirement"
    | "inspection"
    | "reason"
    | "since"
    | "service"
    | "encryption"
    | "roots"
    | "key"
    | "revocation"
    | "data"
    | "location"
    | "root"
    | "thumbprint"
    | "tag"
    | "addresses"
    | "field"
    | "before"
    | "after"
    | "change",
    string
  >;
  picture: {
    description: string;
    yourNetwork: string;
    terminal: string;
    terminalDetail: string;
    proxy: string;
    proxyDetail: string;
    firewall: string;
    firewallDetail: string;
    internet: string;
    other: string;
    otherDetail: string;
    hub: string;
    files: string;
    flow: string;
    teamviewer: string;
    outboundOnly: string;
  };
  overview: Prose;
  destinations: Prose;
  encryption: Prose & { noTls: string; atLeast: (version: string) => string; rootsCaption: string };
  keys: Prose;
  personalData: Prose;
  proxies: Prose;
  tlsInspection: Prose;
  addresses: Prose & {
    tagIntroduction: (date: string | undefined, changeNumber: number) => string;
    tagWarning: string;
    tagsAreOld: (date: string, days: number) => string;
    tagCount: (ranges: number, addresses: string) => string;
    tagUse: Record<"hub" | "hubPair" | "storage" | "flow", string>;
    missingTag: (name: string) => string;
    noFlowTag: string;
    list: (tag: string) => string;
  };
  teamviewer: Prose & { order: string };
  offline: Prose;
  support: Prose & {
    name: string;
    phone: string;
    email: string;
    hours: string;
    hoursOf: (hours: string) => string;
    noContact: string;
  };
  changes: Prose & {
    first: string;
    since: (date: string) => string;
    nothing: (date: string) => string;
    added: string;
    removed: string;
    changed: string;
    fields: Record<string, string>;
  };
  rules: Prose & { tried: string; notTried: (checked: string) => string; file: string };
  sources: string;
}
