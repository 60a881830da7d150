import { chmodSync, existsSync, readdirSync, writeFileSync } from "node:fs";
import { generateIdentity, identityToRecipient } from "age-encryption";
import { describe, expect, test } from "vitest";
import { readStackOutputs } from "../../cli/azure/stack-outputs.ts";
import { sealer } from "../../cli/credentials/seal.ts";
import { temporaryFolder } from "../support/folder.ts";
import { exampleHandover, exampleOutputs as outputs } from "./examples.ts";
import { jsonLines, runCli, runInProcess } from "./run-cli.ts";

describe("the command line", () => {
  test("--help lists the commands and the exit codes", async () => {
    const { code, stdout } = await runCli(["--help"]);
    expect(code).toBe(0);
    for (const word of ["onboard", "open", "revoke", "send", "Exit codes: 0 all done"])
      expect(stdout).toContain(word);
  });

  test.each([
    ["a missing command", []],
    ["an unknown command", ["dance"]],
    ["an unknown option", ["open", "x.age", "--speed"]],
    [
      "a file that does not exist",
      ["onboard", "no-such.csv", "--stack", "dev", "--out", "out", "--recipient", "age1x"],
    ],
    ["a missing --reason", ["revoke", "example-001", "--stack", "dev"]],
    ["an invalid terminal ID", ["revoke", "EXAMPLE_1", "--stack", "dev", "--reason", "lost"]],
    ["--days 31", ["send", "example-001", import.meta.filename, "--stack", "dev", "--days", "31"]],
    [
      "both --stack and --outputs",
      ["send", "example-001", import.meta.filename, "--stack", "dev", "--outputs", "o.json"],
    ],
  ])("%s is a usage error without a stack trace", async (_what, args) => {
    const { code, stderr } = await runInProcess(args);
    expect(code).toBe(2);
    expect(stderr).not.toBe("");
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  test("onboard reports every problem of a batch file with its line, for people and as JSON, and creates nothing", async () => {
    await using folder = await temporaryFolder();
    const batch = folder.file("batch.csv");
    writeFileSync(
      batch,
      "terminal;site;customer\nexample-1;A;example\nexample-1;A;example\nbad id;A;example\n",
    );
    const args = ["onboard", batch, "--stack", "dev", "--out", folder.file("out"), "--recipient", "age1x"];
    const forPeople = await runInProcess(args);
    expect(forPeople.code).toBe(2);
    expect(forPeople.stdout).toContain(`${batch}:3: terminal example-1 is on line 2 too`);
    expect(forPeople.stdout).toContain(`${batch}:4: terminal "bad id"`);
    expect(forPeople.stderr).toContain("2 problems");
    const forMachines = await runInProcess([...args, "--json"]);
    expect(forMachines.code).toBe(2);
    expect(forMachines.stderr).toBe("");
    expect(jsonLines(forMachines)).toMatchObject([
      { type: "problem", line: 3 },
      { type: "problem", line: 4 },
      { type: "error", message: expect.stringContaining("2 problems") },
    ]);
    expect(readdirSync(folder.path)).toEqual(["batch.csv"]);
  });

  test.each([
    ["UTF-8", "utf8"],
    ["UTF-8 with a byte order mark", "utf8-mark"],
    ["UTF-16, as Windows PowerShell writes", "utf16"],
  ])("invalid stack outputs in %s are reported key by key", async (_, encoding) => {
    await using folder = await temporaryFolder();
    const file = folder.file("outputs.json");
    const text = JSON.stringify({ ...outputs, hubHostName: "example.com", flowUrl: undefined });
    const bytes = {
      utf8: Buffer.from(text),
      "utf8-mark": Buffer.from(`\uFEFF${text}`),
      utf16: Buffer.from(`\uFEFF${text}`, "utf16le"),
    }[encoding] as Buffer;
    writeFileSync(file, bytes);
    const args = ["send", "example-001", import.meta.filename, "--outputs", file];
    const { code, stderr } = await runInProcess(args);
    expect(code).toBe(2);
    expect(stderr).toContain("hubHostName: ");
    expect(stderr).toContain("flowUrl: ");
  });

  test.skipIf(process.platform === "win32").each(["INT", "TERM"])(
    "Ctrl-C that ends Pulumi (SIG%s) is reported as interrupted",
    async (name) => {
      await using folder = await temporaryFolder();
      const path = folder.file("pulumi");
      writeFileSync(path, `#!/bin/sh\nkill -${name} $$\n`);
      chmodSync(path, 0o700);
      const read = readStackOutputs("dev", { path, env: process.env, cwd: folder.path });
      await expect(read).rejects.toMatchObject({ outcome: "interrupted" });
    },
  );

  test("without a sign-in, a command fails with exit code 3 and says how to sign in", async () => {
    await using folder = await temporaryFolder();
    const file = folder.file("outputs.json");
    writeFileSync(file, JSON.stringify(outputs));
    const args = ["send", "example-001", import.meta.filename, "--outputs", file];
    // With an empty PATH, the Azure CLI of the person who runs the tests is not found.
    const { code, stderr } = await runCli(args, { env: { PATH: "" } });
    expect(code).toBe(3);
    expect(stderr).toContain("az login");
  });

  test("open shows a sealed credential bundle, with an identity file or a passphrase", async () => {
    await using folder = await temporaryFolder();
    const identity = await generateIdentity();
    writeFileSync(
      folder.file("key.txt"),
      `# public key: ${await identityToRecipient(identity)}\n${identity}\n`,
    );
    const content = exampleHandover();
    const sealed = await sealer({ recipients: [await identityToRecipient(identity)] })(content);
    writeFileSync(folder.file("example-001.age"), sealed);
    const opened = await runInProcess([
      "open",
      folder.file("example-001.age"),
      "--identity",
      folder.file("key.txt"),
    ]);
    expect(opened.code).toBe(0);
    expect(JSON.parse(opened.stdout)).toEqual(content);

    writeFileSync(folder.file("p.age"), await sealer({ passphrase: "correct horse battery" })(content));
    const byPassphrase = await runInProcess(["open", folder.file("p.age")], {
      input: "correct horse battery\n",
    });
    expect(JSON.parse(byPassphrase.stdout)).toEqual(content);
    const wrong = await runInProcess(["open", folder.file("p.age")], { input: "wrong horse battery\n" });
    expect(wrong.code).toBe(1);
    expect(wrong.stderr).toContain("cannot be opened");
    expect(existsSync(folder.file("p.age"))).toBe(true);
  });
});
