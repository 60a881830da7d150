import type { Fleet } from "../../azure/fleet.ts";
import { timeAtPace } from "../../azure/iot-hub/pacing.ts";
import { quoteName } from "../../lib/names.ts";
import { OperatorError } from "../../lib/operator-error.ts";
import { printable } from "../../lib/printable.ts";
import type { SelectedTerminals, TerminalLocation } from "../../lifecycle/select-terminals.ts";
import { count, formatDuration } from "../../terminal-ui/format.ts";
import { nameOrder, plural, t } from "../../words/translate.ts";

const maxListedSites = 20;
const unknownCustomer = () => t`an unknown customer`;

/** @throws OperatorError when several customers have a site of the given name. */
export function expectOneCustomer(
  { terminals }: Pick<SelectedTerminals, "terminals">,
  site: string | undefined,
): void {
  const counts = countBy(terminals.values(), ({ customer }) => customer ?? unknownCustomer());
  if (counts.size <= 1) return;
  const lines = [...counts].map(([customer, number]) => `  ${customer}: ${count(number, "terminal")}`);
  throw new OperatorError(
    "usage",
    [t`${counts.size} customers have a site ${quoteName(site ?? "")}:`, ...lines],
    { remedy: t`Add --customer ID for one of them, or --all-customers for all.` },
  );
}

/** The question before several terminals are revoked: of which customers, at which sites, and how long it takes. */
export function revocationQuestion({ terminals }: SelectedTerminals, fleet: Fleet): string[] {
  const { lines, owner } = describeLocations(terminals);
  const { environment } = fleet.outputs;
  const question = plural(terminals.size, {
    one: t`Revoke ${count(terminals.size, "terminal")} of ${owner} in ${environment}? It stops working at once.`,
    other: t`Revoke ${count(terminals.size, "terminal")} of ${owner} in ${environment}? They stop working at once.`,
  });
  return [...lines, [question, ...estimate(terminals.size, fleet)].join(" ")];
}

/** A line for each customer and site of terminals, and their customer, or the number of their customers. */
export function describeLocations(terminals: ReadonlyMap<string, TerminalLocation>): {
  lines: string[];
  owner: string;
} {
  const sites = countBy(terminals.values(), ({ customer, site }) =>
    JSON.stringify([customer ?? unknownCustomer(), site ?? t`no site`]),
  );
  const rows = [...sites].map(([key, number]) => {
    const [customer, site] = JSON.parse(key) as [string, string];
    // White space other than spaces is written as an escape: two spellings of one name look different.
    return { customer: printable(customer), site: quoteName(site).slice(1, -1), number };
  });
  const customerWidth = Math.max(0, ...rows.map(({ customer }) => customer.length));
  const siteWidth = Math.max(0, ...rows.map(({ site }) => site.length));
  const lines = rows
    .slice(0, maxListedSites)
    .map(
      ({ customer, site, number }) =>
        `  ${customer.padEnd(customerWidth)}  ${site.padEnd(siteWidth)}  ${number}`,
    );
  if (rows.length > maxListedSites)
    lines.push(`  ${t`and ${count(rows.length - maxListedSites, "more site")}`}`);
  const customers = [...new Set(rows.map(({ customer }) => customer))];
  const owner = customers.length === 1 ? (customers[0] as string) : count(customers.length, "customer");
  return { lines, owner };
}

function estimate(terminals: number, { registryOperationsPerMinute, hubSize }: Fleet): string[] {
  const seconds = timeAtPace(terminals, registryOperationsPerMinute) / 1000;
  if (seconds === 0) return [];
  const { tier, units } = hubSize;
  return [
    t`This takes about ${formatDuration(seconds)}, at the throttle of ${tier} with ${count(units, "unit")}.`,
  ];
}

/** Counts locations by a key, sorted by the key. */
function countBy(
  locations: Iterable<TerminalLocation>,
  keyOf: (location: TerminalLocation) => string,
): Map<string, number> {
  const counts = new Map<string, number>();
  for (const location of locations) {
    const key = keyOf(location);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return new Map([...counts].sort(([a], [b]) => nameOrder()(a, b)));
}
