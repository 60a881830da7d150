import { globSync, readFileSync } from "node:fs";
import { join, resolve, sep } from "node:path";
import { expect, test } from "vitest";
import { importedPackages } from "./imported-packages.ts";

interface Manifest {
  name: string;
  workspaces?: string[];
  peerDependencies?: Record<string, string>;
  scripts?: Record<string, string>;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
}

const root = resolve(import.meta.dirname, "..", "..");
const readManifest = (folder: string) =>
  JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8")) as Manifest;
const { workspaces = [] } = readManifest(".");

/** Projects of their own, which are not installed with this repository. */
const exampleProjects = ["examples/device-and-service"];

/** Folders of the root package that a deployer and an operator do not use. */
const developmentFolders = [
  "test",
  ...["bench", "conformance", "demo", "export-arm", "judge", "outside-judges"].map((tool) => `tools/${tool}`),
];

/**
 * Workspaces whose files another package contains when it is packed, or which its command needs in the repository only.
 * The registry does not have them, so a package that is packed cannot depend on them.
 */
const isPackedAlong = (name: string, { scripts = {}, devDependencies = {} }: Manifest) =>
  scripts.prepack !== undefined && name.startsWith("@terminal-fleet/") && name in devDependencies;

/** Packages without an import: Node itself, the types of packages, and packages that another one needs beside it. */
const isUsedWithoutImport = (name: string, declared: string[]) =>
  name === "node" || name.startsWith("@types/") || declared.some((each) => peersOf(each).includes(name));

function peersOf(name: string): string[] {
  const { peerDependencies = {} } = readManifest(join("node_modules", name));
  return Object.keys(peerDependencies);
}
/** Command-line tools of the checks. */
const developmentTools = ["@biomejs/biome"];

const isBelow = (file: string, folder: string) => file.startsWith(`${folder}/`);

/** The source files of a package, without those of the workspaces in its folder. */
function sourcesOf(folder: string): string[] {
  const inner = folder === "." ? [...workspaces, ...exampleProjects, "node_modules"] : [];
  return globSync("**/*.{ts,cjs,mjs,js}", {
    cwd: join(root, folder),
    exclude: (name) => /^(node_modules|\.)/.test(name) && name !== ".",
  })
    .map((file) => file.split(sep).join("/"))
    .filter((file) => !inner.some((workspace) => isBelow(file, workspace)));
}

/** The packages that the files import, by whether every import is of types only. */
function importsOf(folder: string, files: string[]): Map<string, { isTypeOnly: boolean; file: string }> {
  const imports = new Map<string, { isTypeOnly: boolean; file: string }>();
  for (const file of files) {
    for (const { name, isTypeOnly } of importedPackages(join(root, folder, file))) {
      const known = imports.get(name);
      if (!known || (known.isTypeOnly && !isTypeOnly)) imports.set(name, { isTypeOnly, file });
    }
  }
  return imports;
}

test.each([".", ...workspaces])("the package in %s declares every package that it imports", (folder) => {
  const manifest = readManifest(folder);
  const { name: ownName, dependencies = {}, devDependencies = {} } = manifest;
  const sources = sourcesOf(folder);
  const isDevelopment = (file: string) =>
    folder === "." && (developmentFolders.some((each) => isBelow(file, each)) || file === "vitest.config.ts");
  const used = importsOf(
    folder,
    sources.filter((file) => !isDevelopment(file)),
  );
  const usedInDevelopment = importsOf(folder, sources.filter(isDevelopment));
  expect(sources.length).toBeGreaterThan(0);

  const undeclared = [
    ...[...used].filter(
      ([name, { isTypeOnly }]) => !(name in dependencies) && !(isTypeOnly && name in devDependencies),
    ),
    ...[...usedInDevelopment].filter(
      ([name, { isTypeOnly }]) =>
        !(name in dependencies) &&
        !(name in devDependencies) &&
        !(isTypeOnly && `@types/${name}` in devDependencies),
    ),
  ].filter(([name]) => name !== ownName && !isPackedAlong(name, manifest));
  expect(undeclared.map(([name, { file }]) => `${name}, imported by ${file}`)).toEqual([]);
});

test.each([".", ...workspaces])("the package in %s imports every package that it declares", (folder) => {
  const { dependencies = {}, devDependencies = {}, scripts = {} } = readManifest(folder);
  const imports = importsOf(folder, sourcesOf(folder));
  const commands = Object.values(scripts).join("\n");
  const declared = Object.keys({ ...dependencies, ...devDependencies });
  const unused = declared.filter(
    (name) =>
      !imports.has(name) &&
      !commands.includes(name) &&
      !isUsedWithoutImport(name, declared) &&
      !developmentTools.includes(name),
  );
  expect(unused).toEqual([]);
});

test("all packages declare the same version of a package", () => {
  const versions = new Map<string, Set<string>>();
  for (const folder of [".", ...workspaces]) {
    const { dependencies = {}, devDependencies = {} } = readManifest(folder);
    for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) {
      versions.set(name, (versions.get(name) ?? new Set()).add(version));
    }
  }
  const different = [...versions].filter(([, all]) => all.size > 1).map(([name]) => name);
  expect(different).toEqual([]);
});

test("imports of every form are found, and by whether Node erases them", () => {
  const text = `
    import fs from "node:fs";
    import type { A } from "@scope/types-only";
    import { b } from "@scope/name/file.js";
    export { c } from "exported";
    export type { D } from "exported-types";
    import "./file.ts";
    const e = require("required/sub/path.js");
    const f = require.resolve("resolved");
    const f1 = import.meta.resolve("resolved-too/file.wasm");
    const f2 = require.resolve("of-another-package", { paths: [sdk] });
    const f3 = createRequire(require.resolve("resolved"))("of-another-package");
    const g = await import("imported");
    const h = require(\`templated/\${name}.js\`);
    type I = typeof import("typed");
    // import "in-a-comment";
  `;
  const found = importedPackages("example.ts", text).map(({ name, isTypeOnly }) => [name, isTypeOnly]);
  expect(Object.fromEntries(found)).toEqual({
    "@scope/types-only": true,
    "@scope/name": false,
    exported: false,
    "exported-types": true,
    required: false,
    resolved: false,
    "resolved-too": false,
    imported: false,
    templated: false,
    typed: true,
  });
});
