import { code, details, escapeMarkdown, table } from "./markdown.ts";
import type { CostTable, Report, ResidencyRow } from "./report.ts";

/** Amounts with two digits, without separators of thousands. */
const amount = (value: number): string => value.toFixed(2);

/** Where the data of each resource rests, with the rows of the base branch where they differ. */
export function residencySection({ environments }: Report): string[] {
  return environments.flatMap(({ name, residency }) => {
    const isChanged = residency.some(({ before }) => before !== undefined);
    const rows = residency.map((row) => [
      code(row.name),
      differing(row, "region"),
      differing(row, "personalData"),
      differing(row, "copies"),
    ]);
    return details(
      `Residency of ${name}${isChanged ? ": changed" : ""}`,
      table(["resource", "region", "personal data", "copies"], rows),
    );
  });
}

function differing(row: ResidencyRow, field: "region" | "personalData" | "copies"): string {
  const now = escapeMarkdown(row[field] ?? "none");
  if (row.before === undefined) return now;
  if (row.before === null) return `${now} (new)`;
  const before = escapeMarkdown(row.before[field] ?? "none");
  return before === now ? now : `**${before} → ${now}**`;
}

/** What each environment costs a month, with the difference to the base branch. */
export function costSection({ environments }: Report): string[] {
  return environments.flatMap(({ name, cost }) => {
    if (!cost) return [];
    const rows = cost.rows.map(({ name: resource, basis, eur, nok, eurBefore }) => [
      code(resource),
      escapeMarkdown(basis),
      amount(eur),
      amount(nok),
      difference(eur, eurBefore),
    ]);
    const total = ["**total**", "", amount(cost.eur), amount(cost.nok), difference(cost.eur, cost.eurBefore)];
    return details(`Cost of ${name} a month, an estimate: ${costLine(cost)}`, [
      ...table(["resource", "basis", "EUR", "NOK", "difference in EUR"], [...rows, total]),
      `An estimate from list prices of ${cost.pricesOf}, not an offer. It assumes:`,
      "",
      ...cost.assumptions.map((assumption) => `- ${escapeMarkdown(assumption)}`),
    ]);
  });
}

/** The total in one line. */
export function costLine({ eur, nok, eurBefore }: CostTable): string {
  const change = eurBefore === undefined || eurBefore === eur ? "" : `, ${difference(eur, eurBefore)} EUR`;
  return `${amount(eur)} EUR or ${amount(nok)} NOK${change}`;
}

function difference(eur: number, before: number | null | undefined): string {
  if (before === undefined) return "";
  const change = eur - (before ?? 0);
  if (Math.abs(change) < 0.005) return "0.00";
  return `${change > 0 ? "+" : "-"}${amount(Math.abs(change))}`;
}
