import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { withSandboxSettings } from "../../../tools/pulumi-cli/sandbox-settings.ts";
import { type TemporaryFolder, temporaryFolder } from "../../support/folder.ts";
import { projectRoot } from "../../support/project-root.ts";

let folder: TemporaryFolder;
let env: NodeJS.ProcessEnv;
let file: string;

beforeAll(async () => {
  folder = await temporaryFolder();
  file = folder.file("Pulumi.dev.yaml");
  writeFileSync(file, "");
  env = { SANDBOX_DIR: folder.path, PULUMI_BACKEND_URL: pathToFileURL(join(folder.path, "pulumi")).href };
});
afterAll(() => folder[Symbol.asyncDispose]());

const withSettings = (args: string[], more: NodeJS.ProcessEnv = {}) =>
  withSandboxSettings(args, { ...env, ...more }, projectRoot);

test.each([
  [["up", "--stack", "dev", "--yes"]],
  [["--non-interactive", "preview", "--stack=dev"]],
  [["config", "-s", "dev", "set", "hubUnits", "2"]],
  [["refresh", "-sdev"]],
  [["destroy", "--stack", "organization/terminal-fleet/dev"]],
])("in a shell of the sandbox, %j uses the sandbox's settings", (args) => {
  const index = args.findIndex((arg) => /^[a-z]+$/.test(arg));
  expect(withSettings(args)).toEqual([
    ...args.slice(0, index + 1),
    ...["--config-file", file],
    ...args.slice(index + 1),
  ]);
});

test("without --stack, the stack is that of TERMINALS_STACK", () => {
  expect(withSettings(["up"], { TERMINALS_STACK: "dev" })).toEqual([
    ...["up", "--stack", "dev", "--config-file", file],
  ]);
  expect(() => withSettings(["up"])).toThrow("Name the stack: --stack NAME");
});

test.each([
  [["stack", "output", "--stack", "dev"]],
  [["up", "--stack", "dev", "--config-file", "mine.yaml"]],
  [["up", "--help"]],
  [["version"]],
])("%j is not changed", (args) => {
  expect(withSettings(args)).toEqual(args);
});

test("in any other shell, and with another backend, nothing is changed", () => {
  const args = ["up", "--stack", "dev"];
  expect(withSettings(args, { SANDBOX_DIR: undefined })).toEqual(args);
  expect(withSettings(args, { PULUMI_BACKEND_URL: "azblob://state" })).toEqual(args);
});

test("what could only write to the checked-in file is refused, with the command that creates the stack", () => {
  expect(existsSync(join(projectRoot, "Pulumi.prod.yaml"))).toBe(true);
  expect(() => withSettings(["up", "--stack", "prod"])).toThrow("npx azure-sandbox stack prod");
  expect(() => withSettings(["stack", "init", "dev"])).toThrow("writes to the checked-in settings");
});
