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

describe("a wrong command line is one JSON object with --json, and nothing else", () => {
  test.each([
    ["an unknown command", ["dance"], "unknown command 'dance'"],
    ["an unknown option", ["status", "--speed"], "unknown option '--speed'"],
    ["no argument", ["reinstate"], "missing required argument 'terminal'"],
    ["no reason", ["revoke", "example-001", ...onDev], "required option '--reason <text>' not specified"],
    ["a stack and a file", ["status", ...onDev, "--outputs", "o.json"], /cannot be used with option/],
    ["no such file", ["open", "no-such.age"], /^no-such\.age cannot be read: no such file/],
  ])("%s", async (_what, args, message) => {
    const result = await runInProcess([...args, "--json"]);
    expect([result.code, result.stderr]).toEqual([2, ""]);
    const told = typeof message === "string" ? message : expect.stringMatching(message);
    expect(jsonLines(result)).toMatchObject([{ type: "error", message: told }]);
  });
});

describe("numbers are checked before anything else", () => {
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

  test("an hour is the shortest time of a file's key, and what it counts from is said", async () => {
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

describe("ids", () => {
  test.each([
    ["the terminal", ["revoke", "Example_1", "--reason", "lost"]],
    ["the terminal", ["send", "Example_1", "package.json"]],
    ["the terminal", ["files", "Example_1"]],
    ["OLD", ["replace", "Example_1", "example-002", "--out", "o", "--recipient", "age1x"]],
    ["NEW", ["replace", "example-001", "Example_1", "--out", "o", "--recipient", "age1x"]],
    ["--customer", ["status", "--customer", "Example_1"]],
    ["--customer", ["onboard", "batch.csv", "--out", "o", "--customer", "Example_1"]],
  ])("%s that cannot be is told as it was typed: %j", async (name, args) => {
    const { code, stderr } = await runInProcess([...args, ...onDev]);
    expect(code).toBe(2);
    expect(stderr).toContain(`${name} "Example_1" must be`);
  });

  test("a name that no file can have at a terminal is told before anything else", async () => {
    const { code, stderr } = await runInProcess(["request", "example-001", "a/b", ...onDev]);
    expect([code, stderr]).toEqual([2, expect.stringContaining(`the file name "a/b" must not contain`)]);
  });
});

describe("files that cannot be used are named, without a stack trace", () => {
  const onboard = (batch: string, ...more: string[]) => ["onboard", batch, "--outputs", outputs, ...more];
  const file = () => join(folder.path, "batch.csv");
  test.each<[string, () => string[], RegExp]>([
    [
      "a batch that is a folder",
      () => onboard(folder.path, "--out", "o"),
      /cannot be read: illegal operation on a d/,
    ],
    [
      "no batch",
      () => onboard(join(folder.path, "no.csv"), "--out", "o"),
      /no\.csv cannot be read: no such file/,
    ],
    [
      "outputs that are a folder",
      () => ["status", "--outputs", folder.path],
      /cannot be read: illegal operation/,
    ],
    [
      "an identity that is not there",
      () => ["simulate", file(), "--identity", "/nope"],
      /\/nope cannot be read/,
    ],
    [
      "a folder below a file",
      () => ["simulate", join(folder.path, "none"), "--identity", join(folder.path, "key.txt")],
      /none cannot be read: no such file/,
    ],
    ["a hand-over that is a folder", () => ["open", folder.path], /cannot be read: illegal operation/],
    [
      "a folder of simulated terminals below a file",
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

test("what the operating system refuses elsewhere is told in words too, and a defect as one", () => {
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

describe("what is wrong with the environment is named once, without its value", () => {
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

describe("relative paths", () => {
  test("are the caller's, where npm runs the program in the package's folder", async () => {
    mkdirSync(folder.file("caller"), { recursive: true });
    writeFileSync(folder.file("caller/wrong.csv"), "terminal;site\nbad id;Hall\n");
    const args = ["onboard", "wrong.csv", "--outputs", outputs, "--out", "o", "--customer", "example"];
    const initCwd = folder.file("caller");
    const env = { INIT_CWD: initCwd, npm_lifecycle_event: "terminals" };
    const called = await runCli(args, { cwd: tmpdir(), env });
    expect(called.stdout).toContain('wrong.csv:2: terminal "bad id"');
    // Another script that runs the program has a folder of its own choice.
    const direct = await runCli(args, { cwd: tmpdir(), env: { ...env, npm_lifecycle_event: "demo" } });
    expect(direct.stderr).toContain("wrong.csv cannot be read");
  });
});
