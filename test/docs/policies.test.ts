import { globSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { expect, test } from "vitest";
import { isStackRule, type Rule } from "../../policies/azure/engine/rule.ts";
import { rules } from "../../policies/rules.ts";

const root = join(import.meta.dirname, "..", "..");
const page = join(root, "docs", "reference", "policies.md");

/** Folders of policies/rules/ and policies/azure/rules/, with the heading of their table. */
const headings: Record<string, string> = {
  stack: "All resources and the stack",
  storage: "Storage",
  "iot-hub": "IoT Hub",
  "api-management": "API Management",
  identity: "Roles and identities",
  monitoring: "Monitoring",
};

const folderOf = new Map(
  globSync("policies/{azure/,}rules/*/*.ts", { cwd: root }).map((file) => [
    basename(file, ".ts"),
    basename(dirname(file)),
  ]),
);

function toRow(rule: Rule): string {
  const kind = isStackRule(rule) ? "stack" : "resource";
  const sources = rule.sources.map(({ id, url }) => `[${id}](${url})`).join(", ");
  const severity = rule.isAdvisory ? `${rule.severity}, advisory` : rule.severity;
  return `| \`${rule.id}\` | ${severity} | ${kind} | ${rule.description} | ${sources} |`;
}

/** The tables of all rules, by folder. */
const tables = Object.entries(headings)
  .map(([folder, heading]) =>
    [
      `### ${heading}\n`,
      "| rule | severity | kind | what it demands | source |",
      "|---|---|---|---|---|",
      ...rules.filter(({ id }) => folderOf.get(id) === folder).map(toRow),
    ].join("\n"),
  )
  .join("\n\n");

test("docs/reference/policies.md lists each rule with severity, demand and sources", async () => {
  const [before, after] = readFileSync(page, "utf8").split(
    /(?<=<!-- rules: begin -->\n)[\s\S]*(?=<!-- rules: end -->)/,
  );
  await expect(`${before}\n${tables}\n\n${after}`).toMatchFileSnapshot(page);
});

test("the table of former ids names only rules that exist", () => {
  const [, formerIds] = readFileSync(page, "utf8").split("## Former ids");
  const ids = [...formerIds!.matchAll(/^\| `[^`]+` \| (.+) \|$/gm)].flatMap(([, cell]) =>
    [...cell!.matchAll(/`([^`]+)`/g)].map(([, id]) => id),
  );
  const existing = new Set(rules.map(({ id }) => id));
  expect(ids.length).toBeGreaterThan(0);
  expect(ids.filter((id) => !existing.has(id!))).toEqual([]);
});
