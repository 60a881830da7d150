import type { RuleFormat } from "./rule-format.ts";
import { portName, type RuleGroup } from "./rule-groups.ts";

/** Check Point, by mgmt_cli. A domain object has a leading dot; `is-sub-domain true` also covers the names below it. */
export const checkPointRules: RuleFormat = {
  id: "check-point",
  name: "Check Point (mgmt_cli)",
  fileName: "terminal-check-point.sh",
  render,
  note: {
    en: "On the management server (R80.40 or newer), in expert mode. Replace `TERMINALS` and, if yours has another name, the layer `Network`. Install the policy afterwards.",
    no: "På administrasjonsserveren (R80.40 eller nyere), i expert mode. Bytt ut `TERMINALS` og laget `Network` hvis deres heter noe annet. Installer policyen etterpå.",
  },
  triedWith: null,
  checked: {
    en: "Written after Check Point's Management API reference.",
    no: "Skrevet etter Check Points referanse for Management API.",
  },
  source: "https://sc1.checkpoint.com/documents/latest/APIs/",
};

function render(groups: RuleGroup[]): string {
  const ports = new Map(groups.flatMap(({ ports: own }) => own.map((port) => [portName(port), port])));
  const domainName = (host: string) => (host.startsWith("*.") ? host.slice(1) : `.${host}`);
  const run = (command: string) => `mgmt_cli -s session.txt ${command}`;
  return [
    "mgmt_cli login > session.txt",
    ...groups.flatMap(({ hosts }) =>
      hosts.map(({ host, isDomain }) =>
        run(`add dns-domain name "${domainName(host)}" is-sub-domain ${isDomain}`),
      ),
    ),
    ...[...ports].map(([name, { protocol, number }]) =>
      run(`add service-${protocol} name "TERMINAL-${name}" port ${number}`),
    ),
    ...groups.map(({ name, hosts, ports: own }) =>
      run(
        [
          `add access-rule layer "Network" position top name "${name}" source "TERMINALS"`,
          ...hosts.map(({ host }, index) => `destination.${index + 1} "${domainName(host)}"`),
          ...own.map((port, index) => `service.${index + 1} "TERMINAL-${portName(port)}"`),
          'action "Accept" track.type "Log"',
        ].join(" "),
      ),
    ),
    run("publish"),
    run("logout"),
  ].join("\n");
}
