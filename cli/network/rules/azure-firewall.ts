import type { RuleFormat } from "./rule-format.ts";
import { portName, type RuleGroup } from "./rule-groups.ts";

/**
 * Azure Firewall: a rule collection group of a firewall policy (Microsoft.Network/firewallPolicies/ruleCollectionGroups).
 * Application rules know HTTP and HTTPS only, and wildcards; network rules know any port, and names without wildcards.
 */
export const azureFirewallRules: RuleFormat = {
  id: "azure-firewall",
  name: "Azure Firewall (application and network rules)",
  fileName: "terminal-azure-firewall.json",
  render,
  note: {
    en: "Properties of a rule collection group of a firewall policy. Replace `TERMINALS` by the terminals' address range. The network rule by name needs the DNS proxy of the firewall. TeamViewer then works on port 443: its port 5938 cannot be allowed by `*.teamviewer.com` here.",
    no: "Egenskapene til en regelsamlingsgruppe i en brannmurpolicy. Bytt ut `TERMINALS` med adresseområdet til terminalene. Nettverksregelen på navn krever DNS-proxyen i brannmuren. TeamViewer virker da på port 443: port 5938 kan ikke åpnes for `*.teamviewer.com` her.",
  },
  triedWith: null,
  checked: {
    en: "A JSON parser reads it; the members are those of Microsoft's template reference.",
    no: "En JSON-leser leser den; feltene er de som står i Microsofts malreferanse.",
  },
  source:
    "https://learn.microsoft.com/azure/templates/microsoft.network/firewallpolicies/rulecollectiongroups",
};

const webProtocols: Record<number, string> = { 80: "Http", 443: "Https" };

function render(groups: RuleGroup[]): string {
  const isWeb = ({ protocol, number }: RuleGroup["ports"][number]) =>
    protocol === "tcp" && number in webProtocols;
  const application = groups.flatMap(({ name, ports, hosts }) => {
    const protocols = ports
      .filter(isWeb)
      .map(({ number }) => ({ protocolType: webProtocols[number], port: number }));
    return protocols.length === 0
      ? []
      : [
          {
            ruleType: "ApplicationRule",
            name,
            sourceAddresses: ["TERMINALS"],
            targetFqdns: hosts.map(({ host }) => host),
            protocols,
            terminateTLS: false,
          },
        ];
  });
  const network = groups.flatMap(({ ports, hosts }) =>
    ports
      .filter((port) => !isWeb(port) && hosts.every(({ isDomain }) => !isDomain))
      .map((port) => ({
        ruleType: "NetworkRule",
        name: `TERMINAL-${portName(port)}`,
        sourceAddresses: ["TERMINALS"],
        destinationFqdns: hosts.map(({ host }) => host),
        destinationPorts: [String(port.number)],
        ipProtocols: [port.protocol.toUpperCase()],
      })),
  );
  const collection = (name: string, priority: number, rules: object[]) => ({
    ruleCollectionType: "FirewallPolicyFilterRuleCollection",
    name,
    priority,
    action: { type: "Allow" },
    rules,
  });
  return JSON.stringify(
    {
      priority: 1000,
      ruleCollections: [
        collection("terminal-network", 1000, network),
        collection("terminal-application", 1100, application),
      ],
    },
    null,
    2,
  );
}
