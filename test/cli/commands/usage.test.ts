import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generateIdentity, identityToRecipient } from "age-encryption";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sealer } from "../../../cli/credentials/seal.ts";
import { formatError } from "../../../cli/terminal-ui/format-error.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { exampleHandover, exampleOutputs } from "../examples.ts";
import { jsonLines, runCli, runInProcess } from "../run-cli.ts";

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let outputs: string;
beforeAll(async () => {
  folder = await temporaryFolder();
  outputs = folder.file("outputs.json");
  writeFileSync(outputs, JSON.stringify(exampleOutputs));
  const identity = await generateIdentity();
  writeFileSync(folder.file("key.txt"), `${identity}\n`);
  const sealed = await sealer({ recipients: [await identityToRecipient(identity)] })(exampleHandover());
  writeFileSync(folder.file("example-001.age"), sealed);
  writeFileSync(folder.file("batch.csv"), "terminal;site;customer\nexample-001;Hall;example\n");
});
afterAll(() => folder?.[Symbol.asyncDispose]());

const onDev = ["--stack", "dev"];

describe("with --json, a usage error is one JSON object on standard output and nothing else", () => {
  test.each([
    ["an unknown command", ["dance"], "unknown command 'dance'"],
    ["an unknown option", ["status", "--speed"], "unknown option '--speed'"],
    ["a missing argument", ["reinstate"], "missing required argument 'terminal'"],
    [
      "a missing --reason",
      ["revoke", "example-001", ...onDev],
      "required option '--reason <text>' not specified",
    ],
    ["both --stack and --outputs", ["status", ...onDev, "--outputs", "o.json"], /cannot be used with option/],
    ["a file that does not exist", ["open", "no-such.age"], /^no-such\.age cannot be read: no such file/],
  ])("%s", async (_what, args, message) => {
    const result = await runInProcess([...args, "--json"]);
    expect([result.code, result.stderr]).toEqual([2, ""]);
    const expected = typeof message === "string" ? message : expect.stringMatching(message);
    expect(jsonLines(result)).toMatchObject([{ type: "error", message: expected }]);
  });
});

describe("an option with a number rejects texts and numbers out of range before the command starts", () => {
  test.each([
    ["simulate", ["x.age", "--for", "abc"]],
    ["simulate", ["x.age", "--for", "-3"]],
    ["simulate", ["x.age", "--for", "3000000"]],
    ["simulate", ["x.age", "--lookup-every", "abc"]],
    ["simulate", ["x.age", "--count", "0"]],
    ["simulate", ["x.age", "--count", "1.5"]],
    ["revoke", ["example-001", "--reason", "lost", "--wait", "1e3"]],
    ["retire", ["example-001", "--after", "-1"]],
    ["retire", ["example-001", "--after", "1000000000"]],
    ["rotate", ["example-001", "--grace", ""]],
    ["send", ["example-001", "x.csv", "--days", "0.001"]],
    ["send", ["example-001", "x.csv", "--days", "30.5"]],
    ["request", ["example-001", "terminal.log", "--days", "0x7"]],
  ])("%s %j", async (command, args) => {
    const { code, stderr } = await runInProcess([command, ...args]);
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /option '--\S+ <\S+>' argument '.*' is invalid\. It must be a (whole )?number from/,
    );
  });

  test("--days accepts an hour as the shortest validity, and the help says what it counts from", async () => {
    const short = await runInProcess(["send", "example-001", "x.csv", "--days", "0.04"]);
    expect(short.stderr).toContain("from 1/24 (an hour) to 30");
    const long = await runInProcess([
      "send",
      "example-001",
      "no-such.csv",
      "--days",
      "0.042",
      "--stack",
      "dev",
    ]);
    expect(long.stderr).toContain("no-such.csv cannot be read");
    const help = await runInProcess(["send", "--help"]);
    expect(help.stdout.replace(/\s+/g, " ")).toContain("counted from 15 minutes before it is created");
  });
});

describe("identifiers", () => {
  test.each([
    ["the terminal", ["revoke", "Example_1", "--reason", "lost"]],
    ["the terminal", ["send", "Example_1", "package.json"]],
    ["the terminal", ["files", "Example_1"]],
    ["OLD", ["replace", "Example_1", "example-002", "--out", "o", "--recipient", "age1x"]],
    ["NEW", ["replace", "example-001", "Example_1", "--out", "o", "--recipient", "age1x"]],
    ["--customer", ["status", "--customer", "Example_1"]],
    ["--customer", ["onboard", "batch.csv", "--out", "o", "--customer", "Example_1"]],
  ])("an invalid ID is named as %s and shown as it was typed: %j", async (name, args) => {
    const { code, stderr } = await runInProcess([...args, ...onDev]);
    expect(code).toBe(2);
    expect(stderr).toContain(`${name} "Example_1" must be`);
  });

  test("request rejects an invalid file name before it connects", async () => {
    const { code, stderr } = await runInProcess(["request", "example-001", "a/b", ...onDev]);
    expect([code, stderr]).toEqual([2, expect.stringContaining(`the file name "a/b" must not contain`)]);
  });
});

describe("a file or folder that cannot be used is named, without a stack trace", () => {
  const onboard = (batch: string, ...more: string[]) => ["onboard", batch, "--outputs", outputs, ...more];
  const file = () => join(folder.path, "batch.csv");
  test.each<[string, () => string[], RegExp]>([
    [
      "a folder as the batch file",
      () => onboard(folder.path, "--out", "o"),
      /cannot be read: it is a folder/,
    ],
    [
      "a batch file that does not exist",
      () => onboard(join(folder.path, "no.csv"), "--out", "o"),
      /no\.csv cannot be read: no such file/,
    ],
    [
      "a folder as the outputs file",
      () => ["status", "--outputs", folder.path],
      /cannot be read: it is a folder/,
    ],
    [
      "an identity file that does not exist",
      () => ["simulate", file(), "--identity", "/nope"],
      /\/nope cannot be read/,
    ],
    [
      "bundles in a folder that does not exist",
      () => ["simulate", join(folder.path, "none"), "--identity", join(folder.path, "key.txt")],
      /none cannot be read: no such file/,
    ],
    ["a folder as the credential bundle", () => ["open", folder.path], /cannot be read: it is a folder/],
    [
      "--folder below a file",
      () => [
        "simulate",
        folder.file("example-001.age"),
        "--identity",
        folder.file("key.txt"),
        "--folder",
        `${file()}/x`,
      ],
      /batch\.csv\/x cannot be made: not a directory/,
    ],
  ])("%s", async (_what, args, message) => {
    const { code, stderr } = await runInProcess(args());
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(code).toBe(2);
  });
});

test("an error of the operating system is reported in words, and any other error as a defect", () => {
  let thrown: unknown;
  try {
    readFileSync("/no-such-file");
  } catch (error) {
    thrown = error;
  }
  expect(formatError(thrown)).toMatchObject({ outcome: "failed", code: "ENOENT" });
  expect(formatError(thrown).message).toBe("/no-such-file: no such file or directory");
  expect(formatError(new TypeError("x is not a function"))).toMatchObject({ outcome: "defect" });
});

describe("an invalid environment variable is named, without its value", () => {
  test.each([
    ["HTTPS_PROXY", "127.0.0.1:8080"],
    ["HTTPS_PROXY", "user:secret@proxy.example.com"],
    ["https_proxy", "foo bar"],
    ["ALL_PROXY", "localhost:8080"],
    ["AZURE_TENANT_ID", "not/a/tenant"],
  ])("%s=%s", async (name, value) => {
    const env = { AZURE_CLIENT_ID: "id", AZURE_CLIENT_SECRET: "s", AZURE_TENANT_ID: "t", [name]: value };
    const result = await runInProcess(["status", "--outputs", outputs, "--json"], { env });
    expect(result.code, result.stdout).toBe(2);
    expect(jsonLines(result)).toMatchObject([
      { type: "error", message: expect.stringContaining(name), remedy: expect.any(String) },
    ]);
    if (/proxy/i.test(name)) expect(result.stdout).not.toContain(value);
  });
});

describe("a relative path", () => {
  test("means the folder that npm was called from, if npm runs the script `terminals`", async () => {
    mkdirSync(folder.file("caller"), { recursive: true });
    writeFileSync(folder.file("caller/wrong.csv"), "terminal;site\nbad id;Hall\n");
    const args = ["onboard", "wrong.csv", "--outputs", outputs, "--out", "o", "--customer", "example"];
    const initCwd = folder.file("caller");
    const env = { INIT_CWD: initCwd, npm_lifecycle_event: "terminals" };
    const called = await runCli(args, { cwd: tmpdir(), env });
    expect(called.stdout).toContain('wrong.csv:2: terminal "bad id"');
    // Any other script that runs the program decides on its working folder itself.
    const direct = await runCli(args, { cwd: tmpdir(), env: { ...env, npm_lifecycle_event: "demo" } });
    expect(direct.stderr).toContain("wrong.csv cannot be read");
  });
});
