import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join, matchesGlob, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { expect, test } from "vitest";
import { projectRoot } from "../../support/project-root.ts";

/* Who must approve a change of what judges a change. */

const securityTeam = "@example-org/terminal-fleet-security";

const rules = readFileSync(join(projectRoot, ".github", "CODEOWNERS"), "utf8")
  .split("\n")
  .filter((line) => /^[^#\s]/.test(line))
  .map((line) => line.split(/\s+/) as [pattern: string, ...owners: string[]]);

/** The owners of a file: the last pattern that matches decides. Source: GitHub Docs, "About code owners". */
function ownersOf(file: string): string[] {
  const isMatch = (pattern: string) =>
    pattern === "*" || matchesGlob(file, `${pattern.slice(1)}${pattern.endsWith("/") ? "**" : ""}`);
  const [, ...owners] = rules.findLast(([pattern]) => isMatch(pattern)) ?? [];
  return owners;
}

/** The files of the repository that a file loads, itself included. */
function loadedFiles(entry: string, known = new Set<string>()): Set<string> {
  if (known.has(entry)) return known;
  known.add(entry);
  const { importedFiles } = ts.preProcessFile(readFileSync(entry, "utf8"), true, true);
  for (const { fileName } of importedFiles) {
    const file = locate(fileName, dirname(entry));
    if (file && !relative(projectRoot, file).includes("node_modules")) loadedFiles(file, known);
  }
  return known;
}

function locate(specifier: string, folder: string): string | undefined {
  if (specifier.startsWith(".")) {
    const path = resolve(folder, specifier);
    return [path, `${path}.cjs`, `${path}.js`].find((file) => existsSync(file));
  }
  if (!specifier.startsWith("@terminal-fleet/")) return undefined;
  return fileURLToPath(import.meta.resolve(specifier));
}

const toPath = (file: string) => relative(projectRoot, file).split(sep).join("/");

test("the security team approves every file that the judge, the pack and the lint check load", () => {
  const entries = [
    "tools/judge/judge.ts",
    "tools/judge/policy.ts",
    "policies/pack.ts",
    "tools/pulumi-cli/cli.ts",
    "tools/check.ts",
  ];
  const files = new Set(entries.flatMap((entry) => [...loadedFiles(join(projectRoot, entry))]).map(toPath));
  expect(files.size).toBeGreaterThan(150);
  expect([...files].filter((file) => !ownersOf(file).includes(securityTeam))).toEqual([]);
});

test("the security team approves what the judge reads, runs and is configured by", () => {
  const patterns = [
    "policies/**/*.{cjs,json,xml,yaml}",
    "tools/{judge,lint,pulumi-cli,node-launcher,outside-judges,export-arm}/**/*.*",
    "Pulumi*.yaml",
    "{biome,package,package-lock,tsconfig}.json",
    ".npmrc",
    ".github/**/*",
    "test/policy/**/*.ts",
    "test/tools/judge/**/*.ts",
  ];
  const files = patterns.flatMap((pattern) => {
    const found = globSync(pattern, { cwd: projectRoot, exclude: (path) => path.endsWith("node_modules") });
    expect(found, pattern).not.toEqual([]);
    return found.map((file) => file.split(sep).join("/"));
  });
  expect(files.filter((file) => /\./.test(file) && !ownersOf(file).includes(securityTeam))).toEqual([]);
});
