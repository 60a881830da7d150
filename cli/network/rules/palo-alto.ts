import type { RuleFormat } from "./rule-format.ts";
import { domainHosts, plainHosts, portName, type RuleGroup } from "./rule-groups.ts";

/** Palo Alto, in configuration mode of PAN-OS. An FQDN object takes no wildcard, so domains become a URL category. */
export const paloAltoRules: RuleFormat = {
  id: "palo-alto",
  name: "Palo Alto (PAN-OS set commands)",
  fileName: "terminal-palo-alto.txt",
  render,
  note: {
    en: "In `configure`, then `commit`. Replace `LAN`, `WAN` and `TERMINALS`. TeamViewer is allowed by its App-ID, because PAN-OS takes no host objects with `*`. Put the rules above those that block.",
    no: "I `configure`, og så `commit`. Bytt ut `LAN`, `WAN` og `TERMINALS`. TeamViewer tillates med App-ID, fordi PAN-OS ikke har vertsobjekter med `*`. Legg reglene over dem som sperrer.",
  },
  triedWith: null,
  checked: {
    en: "Written after Palo Alto's CLI reference for PAN-OS 10 and 11.",
    no: "Skrevet etter Palo Altos CLI-referanse for PAN-OS 10 og 11.",
  },
  source: "https://docs.paloaltonetworks.com/pan-os/11-0/pan-os-cli-quick-start",
};

function render(groups: RuleGroup[]): string {
  const ports = new Map(
    groups
      .filter((group) => plainHosts(group).length > 0)
      .flatMap(({ ports: own }) => own.map((port) => [portName(port), port])),
  );
  const destinations = groups.flatMap(plainHosts).map(({ object }) => object);
  return [
    ...groups.flatMap(plainHosts).map(({ object, host }) => `set address ${object} fqdn ${host}`),
    ...[...ports].map(
      ([name, { protocol, number }]) => `set service TERMINAL-${name} protocol ${protocol} port ${number}`,
    ),
    ...groups.flatMap(ruleOf),
    `set rulebase decryption rules TERMINAL-NO-DECRYPT from LAN to WAN source TERMINALS destination [ ${destinations.join(" ")} ] source-user any category any service any type ssl-forward-proxy action no-decrypt`,
  ].join("\n");
}

function ruleOf(group: RuleGroup): string[] {
  const { name, ports } = group;
  const from = `set rulebase security rules ${name} from LAN to WAN source TERMINALS`;
  if (domainHosts(group).length > 0) {
    return [`${from} destination any application teamviewer service any action allow`];
  }
  const hosts = plainHosts(group).map(({ object }) => object);
  const services = ports.map((port) => `TERMINAL-${portName(port)}`);
  return [
    `${from} destination [ ${hosts.join(" ")} ] application any service [ ${services.join(" ")} ] action allow`,
  ];
}
