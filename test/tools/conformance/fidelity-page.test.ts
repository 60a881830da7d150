import { join } from "node:path";
import { expect, test } from "vitest";
import { checks } from "../../../tools/conformance/checks/index.ts";
import { fidelityPage, readTables } from "../../../tools/conformance/fidelity/fidelity-page.ts";
import { projectRoot } from "../../support/project-root.ts";

const file = join(projectRoot, "docs", "sandbox-fidelity.md");

test("docs/sandbox-fidelity.md is made from the checks and from the rows that have none", async () => {
  await expect(fidelityPage(checks)).toMatchFileSnapshot(file);
});

test("the page says first that no run against Azure has been seen", () => {
  const [title, , first] = fidelityPage(checks).split("\n");
  expect(title).toBe("# How far the sandbox goes with Azure");
  expect(first).toMatch(/^\*\*No run of these checks against Azure has been seen yet\.\*\*/);
});

test("each row of the page names its check, or says that it has none", () => {
  const rows = fidelityPage(checks)
    .split("\n")
    .filter((line) => line.startsWith("| ") && !/\| check \|$/.test(line));
  const ids = new Set<string>(checks.map(({ id }) => `\`${id}\``));
  const named = rows.map((row) => /\| (\S+) \|$/.exec(row)?.[1] ?? row);
  expect(named.filter((name) => name !== "none" && !ids.has(name))).toEqual([]);
  const without = Object.values(readTables()).reduce((sum, table) => sum + table.rows.length, 0);
  expect(named.filter((name) => name === "none")).toHaveLength(without);
  expect(named.filter((name) => name !== "none")).toHaveLength(checks.length);
});

test("each row without a check has a text for each column", () => {
  for (const [name, { columns, rows }] of Object.entries(readTables())) {
    for (const row of rows) expect(row, name).toHaveLength(columns.length);
  }
});

test("a section without a place in the page is an error", () => {
  expect(() =>
    fidelityPage(checks, { ...readTables(), elsewhere: { columns: ["a", "b"], rows: [] } }),
  ).toThrow("page.md has no place for: elsewhere");
});
