import type { RuleFormat } from "./rule-format.ts";
import type { RuleGroup } from "./rule-groups.ts";

/*
 * Windows Defender Firewall. Rules by name (New-NetFirewallDynamicKeywordAddress) need build 20348 or newer ("FW_DYNAMIC_
 * KEYWORD_ADDRESS0", requirements), and Windows 10 ends before it. So the rules are by port.
 */
export const windowsFirewallRules: RuleFormat = {
  id: "windows-firewall",
  name: "Windows Defender Firewall (PowerShell)",
  fileName: "terminal-windows-firewall.ps1",
  render,
  note: {
    en: "For the terminal itself, as an administrator. Only needed if outgoing connections are blocked there (`Get-NetFirewallProfile`, `DefaultOutboundAction`). Windows 10 has no rules by host name, so they are by port.",
    no: "For selve terminalen, som administrator. Trengs bare hvis utgående forbindelser er sperret der (`Get-NetFirewallProfile`, `DefaultOutboundAction`). Windows 10 har ikke regler på vertsnavn, så reglene gjelder porter.",
  },
  triedWith: null,
  checked: {
    en: "Written after Microsoft's reference of New-NetFirewallRule.",
    no: "Skrevet etter Microsofts referanse for New-NetFirewallRule.",
  },
  source: "https://learn.microsoft.com/powershell/module/netsecurity/new-netfirewallrule",
};

function render(groups: RuleGroup[]): string {
  const ports = new Map<string, { protocol: string; number: number; hosts: string[] }>();
  const add = (protocol: string, number: number, hosts: string[]) => {
    const key = `${protocol} ${number}`;
    const entry = ports.get(key) ?? { protocol, number, hosts: [] };
    entry.hosts.push(...hosts);
    ports.set(key, entry);
  };
  for (const group of groups) {
    const hosts = group.hosts.map(({ host }) => host);
    for (const { protocol, number } of group.ports) add(protocol, number, hosts);
  }
  for (const protocol of ["udp", "tcp"]) add(protocol, 53, ["DNS"]);
  return [
    '$group = "Terminal fleet"',
    "Get-NetFirewallRule -Group $group -ErrorAction SilentlyContinue | Remove-NetFirewallRule",
    "$common = @{ Group = $group; Direction = 'Outbound'; Action = 'Allow'; Profile = 'Any' }",
    ...[...ports.values()].flatMap(({ protocol, number, hosts }) => {
      const name = `Terminal ${protocol.toUpperCase()} ${number}`;
      return [
        `# ${hosts.join(", ")}`,
        `New-NetFirewallRule @common -DisplayName '${name}' -Protocol ${protocol.toUpperCase()} -RemotePort ${number} | Out-Null`,
      ];
    }),
  ].join("\n");
}
