import type { Destination, EndpointList, Port } from "../endpoint-list.ts";

/** A host of a firewall rule. */
export interface RuleHost {
  /** Name of an object in a firewall: letters, digits and hyphens, at most 31 with its prefix. */
  object: string;
  /** Host name, or a domain after "*.". */
  host: string;
  isDomain: boolean;
  isSoon: boolean;
}

/** Destinations with the same ports: one rule of a firewall. */
export interface RuleGroup {
  /** Name of the rule, for example "TERMINAL-TCP-443". */
  name: string;
  ports: Port[];
  hosts: RuleHost[];
}

/** Prefix of every object that the rules create. */
export const objectPrefix = "TERMINAL";

/**
 * The rows of the list as rules. DNS is left out: the site's own server answers. A name with "*" inside a label is left out
 * too where the list has its whole domain: no common firewall accepts such a name.
 */
export function groupRows({ destinations }: Pick<EndpointList, "destinations">): RuleGroup[] {
  const domains = destinations.flatMap(({ host }) => (host?.startsWith("*.") ? [host.slice(1)] : []));
  const isCovered = (host: string) =>
    !host.startsWith("*.") && host.includes("*") && domains.some((domain) => host.endsWith(domain));
  const named = destinations.filter(({ host }) => host !== null && !isCovered(host));
  const groups = Map.groupBy(named, ({ ports }) => ports.map(portName).join("-"));
  return [...groups.values()].map((rows) => ({
    name: groupName(rows),
    ports: (rows[0] as Destination).ports,
    hosts: rows.map(toHost),
  }));
}

/** A port as a name: TCP-443. */
export const portName = ({ protocol, number }: Port): string => `${protocol.toUpperCase()}-${number}`;

/** Hosts of a group that are no domains, and its domains. */
export const plainHosts = ({ hosts }: RuleGroup): RuleHost[] => hosts.filter(({ isDomain }) => !isDomain);
export const domainHosts = ({ hosts }: RuleGroup): RuleHost[] => hosts.filter(({ isDomain }) => isDomain);

function groupName(rows: Destination[]): string {
  const [first] = rows as [Destination, ...Destination[]];
  // A group with more than one way in has the name of its service.
  const [port] = first.ports;
  const suffix = first.ports.length > 1 || !port ? first.service.toUpperCase() : portName(port);
  return `${objectPrefix}-${suffix}`;
}

function toHost({ id, host, availability }: Destination): RuleHost {
  const name = id.replace(/^certificates-/, "cert-");
  return {
    object: `${objectPrefix}-${name}`.slice(0, 31).replace(/-+$/, ""),
    host: host as string,
    isDomain: (host as string).startsWith("*."),
    isSoon: availability === "soon",
  };
}
