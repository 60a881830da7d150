import type { RuleFormat } from "./rule-format.ts";
import { portName, type RuleGroup } from "./rule-groups.ts";

/** FortiGate, for its command line. Source of domains with "*.": "Using wildcard FQDN addresses in firewall policies". */
export const fortiGateRules: RuleFormat = {
  id: "fortigate",
  name: "FortiGate (FortiOS CLI)",
  fileName: "terminal-fortigate.txt",
  render,
  note: {
    en: "FortiOS 6.2.2 or newer. The FortiGate must see the terminals' DNS queries: without that, `*.teamviewer.com` stays empty. Replace `LAN`, `WAN` and `TERMINALS`.",
    no: "FortiOS 6.2.2 eller nyere. FortiGate må se DNS-oppslagene til terminalene; ellers forblir `*.teamviewer.com` tom. Bytt ut `LAN`, `WAN` og `TERMINALS`.",
  },
  triedWith: null,
  checked: {
    en: "Written after Fortinet's administration guide for FortiOS 7.",
    no: "Skrevet etter Fortinets administrasjonsveiledning for FortiOS 7.",
  },
  source:
    "https://docs.fortinet.com/document/fortigate/7.0.0/administration-guide/217973/using-wildcard-fqdn-addresses-in-firewall-policies",
};

function render(groups: RuleGroup[]): string {
  const ports = new Map(groups.flatMap(({ ports }) => ports.map((port) => [portName(port), port])));
  return [
    "config firewall address",
    ...groups.flatMap(({ hosts }) =>
      hosts.flatMap(({ object, host }) => [
        `    edit "${object}"`,
        "        set type fqdn",
        `        set fqdn "${host}"`,
        "    next",
      ]),
    ),
    "end",
    // The default of `protocol` covers TCP and UDP; its name differs between versions of FortiOS.
    "config firewall service custom",
    ...[...ports].flatMap(([name, { protocol, number }]) => [
      `    edit "TERMINAL-${name}"`,
      `        set ${protocol}-portrange ${number}`,
      "    next",
    ]),
    "end",
    "config firewall addrgrp",
    ...groups.flatMap(({ name, hosts }) => [
      `    edit "${name}-DST"`,
      `        set member ${hosts.map(({ object }) => `"${object}"`).join(" ")}`,
      "    next",
    ]),
    "end",
    "config firewall policy",
    ...groups.flatMap(({ name, ports: own }) => [
      "    edit 0",
      `        set name "${name}"`,
      '        set srcintf "LAN"',
      '        set dstintf "WAN"',
      '        set srcaddr "TERMINALS"',
      `        set dstaddr "${name}-DST"`,
      "        set action accept",
      '        set schedule "always"',
      `        set service ${own.map((port) => `"TERMINAL-${portName(port)}"`).join(" ")}`,
      '        set ssl-ssh-profile "no-inspection"',
      "        set nat enable",
      "    next",
    ]),
    "end",
  ].join("\n");
}
