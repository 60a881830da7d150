import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import type { Check } from "../check.ts";

const folder = import.meta.dirname;

const tablesSchema = z.record(
  z.string(),
  z.strictObject({
    columns: z.array(z.string()).min(2),
    rows: z.array(z.array(z.string())),
  }),
);

type Tables = z.infer<typeof tablesSchema>;

/** Reads the rows that no check covers in full. @throws ZodError when the file has another form. */
export function readTables(): Tables {
  return tablesSchema.parse(parse(readFileSync(join(folder, "rows-without-check.yaml"), "utf8")));
}

/**
 * The page docs/sandbox-fidelity.md: the text of page.md, in which {{NAME}} becomes a table of the checks of the section
 * NAME, in their own words, and a table of the rows that have no check.
 * @throws Error when a section of a check or of a row has no place in the page.
 */
export function fidelityPage(checks: readonly Check[], tables = readTables()): string {
  const sections = new Set([...checks.map(({ section }) => section), ...Object.keys(tables)]);
  const page = readFileSync(join(folder, "page.md"), "utf8")
    .replace("{{count}}", String(checks.length))
    .replace(/^\{\{([\w/-]+)\}\}$/gm, (_, name: string) => {
      sections.delete(name);
      const own = checks.filter(({ section }) => section === name);
      return [...checkTable(own), ...rowTable(tables[name])].join("\n");
    });
  if (sections.size > 0) throw new Error(`page.md has no place for: ${[...sections].join(", ")}`);
  return page;
}

const cell = (text: string) => text.replaceAll("|", "\\|");
const line = (cells: string[]) => `| ${cells.map(cell).join(" | ")} |`.replaceAll(/ {2,}\|/g, " |");

function checkTable(checks: readonly Check[]): string[] {
  if (checks.length === 0) return [];
  return [
    "| behaviour | what Azure does | source | differs from Azure | check |",
    "|---|---|---|---|---|",
    ...checks.map(({ id, title, azure, source, known, differs = "" }) =>
      line([title, azure, `[${known}](${source})`, differs, `\`${id}\``]),
    ),
    "",
  ];
}

function rowTable(table: Tables[string] | undefined): string[] {
  if (!table || table.rows.length === 0) return [];
  return [
    line([...table.columns, "check"]),
    `|${"---|".repeat(table.columns.length + 1)}`,
    ...table.rows.map((row) => line([...row, "none"])),
  ];
}
