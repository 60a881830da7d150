import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { exitCodes } from "../../cli/lib/exit-codes.ts";
import { settingsSchema } from "../../settings/schema.ts";

/* Tables, links and commands that would go stale without anybody noticing. */

const root = join(import.meta.dirname, "..", "..");
const page = (name: string) => readFileSync(join(root, "docs", name), "utf8");
const pages = globSync(["*.md", "docs/**/*.md"], { cwd: root }).map((path) => ({
  path,
  text: readFileSync(join(root, path), "utf8"),
}));
/** The lines of a page's blocks of commands. */
const commandsOf = (text: string) =>
  [...text.matchAll(/^```\n(.*?)^```$/gms)].flatMap((block) => block[1]?.split("\n") ?? []);
const firstColumn = (text: string) =>
  [...text.matchAll(/^\| `([^`]+)` \|/gm)].map((match) => match[1]).sort();

test("docs/settings.md lists each setting, and no other", () => {
  expect(firstColumn(page("settings.md"))).toEqual(Object.keys(settingsSchema.shape).sort());
});

test("the pages for operators list each exit code, in the same words", () => {
  const tables = ["onboarding.md", "operating.md"].map((name) =>
    [...page(name).matchAll(/^\| (\d+) \| (.+) \|$/gm)].map(([, code, meaning]) => [Number(code), meaning]),
  );
  expect(tables[0]).toEqual(tables[1]);
  expect(tables[0]?.map(([code]) => code)).toEqual(Object.values(exitCodes));
});

test("commands stand one a line and without comments: cmd knows no #, Windows PowerShell no &&", () => {
  const told = pages.flatMap(({ path, text }) =>
    commandsOf(text)
      .filter((line) => /^(npm|npx)\b/.test(line) && /&&|\s#/.test(line))
      .map((line) => `${path}: ${line}`),
  );
  expect(pages.length).toBeGreaterThan(10);
  expect(told).toEqual([]);
});

test("every npm script that a page names is there, and so is every page that it links to", () => {
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    scripts: Record<string, string>;
  };
  const named = pages.flatMap(({ text }) =>
    [...text.matchAll(/\bnpm(?:\.cmd)? run (?:-s |--silent )?([\w:]+)/g)].map(([, name]) => name ?? ""),
  );
  expect(named.length).toBeGreaterThan(30);
  expect(named.filter((name) => !(name in scripts))).toEqual([]);
  const dead = pages.flatMap(({ path, text }) =>
    [...text.matchAll(/\]\((?!https?:)([^)#]+)/g)]
      .map(([, target]) => join(dirname(path), target ?? ""))
      .filter((target) => !existsSync(join(root, target))),
  );
  expect(dead).toEqual([]);
});

test("CONTRIBUTING's example of a test's name is one", () => {
  const name = /vitest run -t "([^"]+)"/.exec(readFileSync(join(root, "CONTRIBUTING.md"), "utf8"))?.[1];
  const tests = globSync("test/**/*.test.ts", { cwd: root }).map((path) =>
    readFileSync(join(root, path), "utf8"),
  );
  expect(name).toBeTruthy();
  expect(tests.some((text) => new RegExp(`test\\("[^"]*${name}`).test(text))).toBe(true);
});
