import type { RuleFormat } from "./rule-format.ts";
import { domainHosts, plainHosts, type RuleGroup } from "./rule-groups.ts";

/** pfSense aliases, as in its configuration file. An alias takes host names, and no wildcards. */
export const pfSenseAliases: RuleFormat = {
  id: "pfsense",
  name: "pfSense (aliases)",
  fileName: "terminal-pfsense-aliases.xml",
  render,
  note: {
    en: "Enter the aliases under Firewall > Aliases, or add the elements to `<aliases>` of a backup and restore only the area Aliases: restoring replaces all aliases. Then make one pass rule on LAN for each pair of hosts and ports. pfSense cannot resolve `*.teamviewer.com`: allow port 5938 from the terminals to any address, or leave TeamViewer out.",
    no: "Legg inn aliasene under Firewall > Aliases, eller legg elementene til i `<aliases>` i en sikkerhetskopi og gjenopprett bare området Aliases: gjenoppretting erstatter alle aliaser. Lag så en pass-regel på LAN for hvert par av verter og porter. pfSense kan ikke slå opp `*.teamviewer.com`: åpne port 5938 fra terminalene til alle adresser, eller utelat TeamViewer.",
  },
  triedWith: null,
  checked: {
    en: "An XML parser reads it; the elements are those of a pfSense 2.7 configuration.",
    no: "En XML-leser leser den; elementene er de som en konfigurasjon for pfSense 2.7 har.",
  },
  source: "https://docs.netgate.com/pfsense/en/latest/firewall/aliases.html",
};

function render(groups: RuleGroup[]): string {
  return groups
    .flatMap((group) => {
      // Names have letters, digits and underscores only, at most 31.
      const name = group.name.replaceAll("-", "_");
      const hosts = plainHosts(group);
      const left = domainHosts(group).map(({ host }) => `<!-- no alias: ${host} -->`);
      const ports = group.ports.map(({ number }) => String(number));
      return [
        ...left,
        ...(hosts.length > 0
          ? [
              alias(
                `${name}_HOSTS`,
                "host",
                hosts.map(({ host }) => host),
                hosts.map(({ object }) => object),
              ),
            ]
          : []),
        alias(
          `${name}_PORTS`,
          "port",
          [...new Set(ports)],
          group.ports.map(({ protocol }) => protocol),
        ),
      ];
    })
    .join("\n");
}

function alias(name: string, type: "host" | "port", entries: string[], details: string[]): string {
  return [
    "<alias>",
    `  <name>${name}</name>`,
    `  <type>${type}</type>`,
    `  <address>${entries.join(" ")}</address>`,
    "  <descr>Terminal fleet</descr>",
    `  <detail>${details.slice(0, entries.length).join("||")}</detail>`,
    "</alias>",
  ].join("\n");
}
