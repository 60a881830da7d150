import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { projectRoot } from "../support/project-root.ts";
import { declareFleet } from "./fleet.ts";
import { refusedChanges, reviewedChanges } from "./hostile-changes.ts";
import { judgeInProcess } from "./judge-in-process.ts";
import type { EngineResource } from "./pack.ts";

let fleet: EngineResource[];
beforeAll(async () => {
  fleet = await declareFleet();
});

test("there are at least sixty changes, each with its own title", () => {
  const titles = [...refusedChanges.map(({ title }) => title), ...reviewedChanges.map(([title]) => title)];
  expect(titles.length).toBeGreaterThanOrEqual(60);
  expect(new Set(titles).size).toBe(titles.length);
});

test.each(refusedChanges.map((row) => [row.title, row] as const))(
  "%s is refused with a sentence that names it",
  (_, { change, rule, names }) => {
    const sentences = judgeInProcess(change(fleet))
      .filter((violation) => violation.rule === rule)
      .map(({ resource, problem }) => `${resource}: ${problem}`);
    expect(sentences).not.toEqual([]);
    expect(sentences.filter((sentence) => names.every((name) => sentence.includes(name)))).not.toEqual([]);
  },
);

/** The owners of a file by the last pattern that matches it, as GitHub reads CODEOWNERS. */
function ownersOf(file: string): string {
  const lines = readFileSync(join(projectRoot, ".github", "CODEOWNERS"), "utf8")
    .split("\n")
    .filter((line) => /^[^#\s]/.test(line))
    .map((line) => line.split(/\s+/) as [string, string]);
  const matches = ([pattern]: [string, string]) =>
    pattern === "*" ||
    (pattern.endsWith("/")
      ? `/${file}`.startsWith(pattern)
      : new RegExp(`^${pattern.replaceAll(".", "\\.").replaceAll("*", "[^/]*")}$`).test(`/${file}`));
  return lines.filter(matches).at(-1)?.[1] ?? "nobody";
}

test.each(reviewedChanges)("%s needs the approval of the second team", (_, file) => {
  expect(ownersOf(file)).toBe("@example-org/terminal-fleet-security");
});
