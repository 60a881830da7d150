import type { Fleet } from "../../azure/fleet.ts";
import { timeAtPace } from "../../azure/iot-hub/pacing.ts";
import { OperatorError } from "../../lib/operator-error.ts";
import type { SelectedTerminals, TerminalLocation } from "../../lifecycle/select-terminals.ts";
import { duration } from "../../terminal-ui/output.ts";

/** Sites that a question lists. */
const listedAtMost = 20;

/** @throws OperatorError when terminals of a site's name are several customers': one name, several sites. */
export function expectOneCustomer({ terminals }: SelectedTerminals, site: string | undefined): void {
  const counts = counted(terminals.values(), ({ customer }) => customer ?? "an unknown customer");
  if (counts.size <= 1) return;
  const each = [...counts].map(([customer, count]) => `  ${customer}: ${terminalsOf(count)}`);
  throw new OperatorError(
    "usage",
    [`there are sites ${JSON.stringify(site)} of ${counts.size} customers:`, ...each].join("\n"),
    { remedy: "Say whose is meant: --customer ID. Or shut out all of them: --all-customers." },
  );
}

/** The question before many terminals are revoked: whose they are, where, and how long it takes. */
export function askedAbout({ terminals }: SelectedTerminals, fleet: Fleet): string {
  const places = counted(terminals.values(), ({ customer, site }) =>
    JSON.stringify([customer ?? "an unknown customer", site ?? "no site"]),
  );
  const rows = [...places].map(
    ([place, count]) => [...(JSON.parse(place) as [string, string]), count] as const,
  );
  const width = (column: 0 | 1) => Math.max(0, ...rows.map((row) => row[column].length));
  const lines = rows
    .slice(0, listedAtMost)
    .map(([customer, site, count]) => `  ${customer.padEnd(width(0))}  ${site.padEnd(width(1))}  ${count}`);
  if (rows.length > listedAtMost) lines.push(`  and ${rows.length - listedAtMost} more sites`);
  const customers = new Set(rows.map(([customer]) => customer));
  const of = customers.size === 1 ? [...customers][0] : `${customers.size} customers`;
  const seconds = timeAtPace(terminals.size, fleet.registryOperationsPerMinute) / 1000;
  const { tier, units } = fleet.hubSize;
  const time =
    seconds > 0
      ? ` All of them take about ${duration(seconds)}, at the pace of ${tier} with ${units} ${units === 1 ? "unit" : "units"}.`
      : "";
  const they = terminals.size === 1 ? "It stops" : "They stop";
  return `${lines.join("\n")}\nRevoke ${terminalsOf(terminals.size)} of ${of} in ${fleet.outputs.environment}? ${they} working at once.${time}`;
}

function terminalsOf(count: number): string {
  return `${count} ${count === 1 ? "terminal" : "terminals"}`;
}

/** How many places there are of each name, in the names' order. */
function counted(
  places: Iterable<TerminalLocation>,
  name: (place: TerminalLocation) => string,
): Map<string, number> {
  const counts = new Map<string, number>();
  for (const place of places) counts.set(name(place), (counts.get(name(place)) ?? 0) + 1);
  return new Map([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}
