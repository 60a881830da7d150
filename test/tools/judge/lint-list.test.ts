import { spawnSync } from "node:child_process";
import { cpSync, globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../support/folder.ts";
import { projectRoot } from "../../support/project-root.ts";

/* What the program and its policy pack import and use is held to a list by the linter. */

const biome = createRequire(import.meta.url).resolve("@biomejs/biome/bin/biome");

/** The lines of a source file in which the project's linter finds an error. */
async function linesWithErrors(path: string, lines: string[]): Promise<number[]> {
  await using folder = await temporaryFolder();
  const {
    vcs: _,
    $schema: __,
    ...config
  } = JSON.parse(readFileSync(join(projectRoot, "biome.json"), "utf8"));
  writeFileSync(folder.file("biome.json"), JSON.stringify(config));
  cpSync(join(projectRoot, "tools", "lint"), folder.file("tools/lint"), { recursive: true });
  mkdirSync(join(folder.file(path), ".."), { recursive: true });
  writeFileSync(folder.file(path), `${lines.join("\n")}\n`);
  const args = [biome, "lint", "--max-diagnostics=none", "--reporter=github", path];
  const { stdout } = spawnSync(process.execPath, args, { cwd: folder.path, encoding: "utf8" });
  const found = [
    ...stdout.matchAll(/^::error title=(?:plugin|lint\/style\/noRestricted\w+),.*?line=(\d+),/gm),
  ];
  return [...new Set(found.map(([, line]) => Number(line)))].sort((one, other) => one - other);
}

const allLines = (lines: string[]) => lines.map((_, index) => index + 1);

test("the program cannot import a network, a process, a file, another provider, a dynamic provider or a hook", async () => {
  const refused = [
    'import { local } from "@pulumi/command";',
    'import { spawn } from "node:child_process";',
    'import { connect } from "node:net";',
    'import { request } from "https";',
    'import { readFileSync } from "node:fs";',
    'import { dynamic, ResourceHook } from "@pulumi/pulumi";',
    'import { Provider } from "@pulumi/pulumi/dynamic/index.js";',
    'import axios from "axios";',
    'export const answer = fetch("https://example.com");',
    "export const hidden = globalThis;",
    'export const provider = new pulumi.dynamic.Resource({}, "a", {});',
    'export const hook = new pulumi.ResourceHook("a", () => {});',
    "export const computed = await import(name);",
    "export const token = process.env.TOKEN;",
  ];
  expect(await linesWithErrors("components/x.ts", refused)).toEqual(allLines(refused));
});

test("the program may import its own files, Pulumi's SDK, the three providers and zod", async () => {
  const allowed = [
    'import { createHash } from "node:crypto";',
    'import { Table } from "@pulumi/azure-native/storage/table.js";',
    'import * as pulumi from "@pulumi/pulumi";',
    'import { z } from "zod";',
    'import { Names } from "./names.ts";',
    'import { tags } from "../settings/tags.ts";',
    "export const all = [createHash, Table, pulumi.output, z, Names, tags];",
  ];
  expect(await linesWithErrors("components/x.ts", allowed)).toEqual([]);
});

test("a rule of the policy pack cannot import a network, a process or the program", async () => {
  const refused = [
    'import { spawn } from "node:child_process";',
    'import { request } from "node:http";',
    'import { connect } from "node:net";',
    'import { Names } from "../../components/names.ts";',
    'export const answer = fetch("https://example.com");',
  ];
  expect(await linesWithErrors("policies/rules/x.ts", refused)).toEqual(allLines(refused));
  expect(await linesWithErrors("policies/azure/rules/storage/x.ts", refused)).toEqual(allLines(refused));
});

test("no file of the program or the pack switches these rules off", () => {
  const files = globSync(["index.ts", "{settings,components,policies}/**/*.{ts,cjs}"], {
    cwd: projectRoot,
    exclude: (path) => path.endsWith("node_modules"),
  });
  expect(files.length).toBeGreaterThan(100);
  const suppressing = files.filter((file) =>
    /biome-ignore(-all|-start)?\s+(lint(:|$|\/style(:|\/noRestricted))|lint\/plugin|plugin)/m.test(
      readFileSync(join(projectRoot, file), "utf8"),
    ),
  );
  expect(suppressing).toEqual([]);
});
