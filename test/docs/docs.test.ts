import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { settingsSchema } from "../../settings/schema.ts";

/* Tables, links and commands in the docs that would go stale unnoticed. */

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

test("docs/reference/settings.md lists each setting, and no other", () => {
  expect(firstColumn(page("reference/settings.md"))).toEqual(Object.keys(settingsSchema.shape).sort());
});

test("every path of the source that CONTRIBUTING names exists", () => {
  const text = readFileSync(join(root, "CONTRIBUTING.md"), "utf8");
  const paths = [
    ...text.matchAll(
      /`((?:cli|components|docs|policies|reference-terminal|sandbox|settings|test|tools)\/[\w./-]*)`/g,
    ),
  ].map(([, path]) => path ?? "");
  expect(paths.length).toBeGreaterThan(30);
  expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});

test("a command block has one command a line without comments, since cmd has no # and Windows PowerShell no &&", () => {
  const unportable = pages.flatMap(({ path, text }) =>
    commandsOf(text)
      .filter((line) => /^(npm|npx)\b/.test(line) && /&&|\s#/.test(line))
      .map((line) => `${path}: ${line}`),
  );
  expect(pages.length).toBeGreaterThan(10);
  expect(unportable).toEqual([]);
});

test("every npm script that a page names exists, and so does every page that it links to", () => {
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    scripts: Record<string, string>;
  };
  const named = pages.flatMap(({ text }) =>
    [...text.matchAll(/\bnpm(?:\.cmd)? run (?:-s |--silent )?([\w:-]+)/g)].map(([, name]) => name ?? ""),
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

test("the example test title in CONTRIBUTING exists", () => {
  const title = /vitest run -t "([^"]+)"/.exec(readFileSync(join(root, "CONTRIBUTING.md"), "utf8"))?.[1];
  const tests = globSync("test/**/*.test.ts", { cwd: root }).map((path) =>
    readFileSync(join(root, path), "utf8"),
  );
  expect(tests.some((text) => new RegExp(`test\\("[^"]*${title}`).test(text))).toBe(true);
});
