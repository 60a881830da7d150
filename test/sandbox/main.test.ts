import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type TemporaryFolder, temporaryFolder } from "../support/folder.ts";
import { type Outcome, outcome, startProgram } from "../support/processes.ts";

/* The command azure-sandbox, each call in a process of its own, with the daemon that it starts. */

let folder: TemporaryFolder;
/** The sandbox that the tests use in their order, unless a test uses another one. */
const shared = "sandbox";
let current = shared;
beforeAll(async () => {
  folder = await temporaryFolder();
});
beforeEach(() => {
  current = shared;
});
afterAll(async () => {
  for (const name of readdirSync(folder.path)) {
    current = name;
    await sandbox("reset");
  }
  await folder[Symbol.asyncDispose]();
});

function sandbox(...args: string[]): Promise<Outcome> {
  const options = { cwd: folder.path };
  return outcome(startProgram("sandbox/main.ts", ["--dir", folder.file(current), ...args], options));
}

const status = async () => JSON.parse((await sandbox("status", "--json")).stdout);
const variables = async (...args: string[]) =>
  JSON.parse((await sandbox("env", "--shell", "json", ...args)).stdout);
const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

/** What the shared sandbox reported before its first restart. */
let before: Awaited<ReturnType<typeof status>>;
let env: Record<string, string>;
let conditions: unknown;

test("up starts the sandbox once, and another up reports that it runs and how to start it with other options", async () => {
  const first = await sandbox("up");
  expect(first.output).toContain("The sandbox is up");
  expect(first.output).toContain(`eval "$(npx azure-sandbox --dir ${folder.file(shared)} env)"`);
  before = await status();
  const second = await sandbox("up");
  expect(second.code).toBe(0);
  expect(second.output).toContain(`already runs (process ${before.pid}`);
  const port = Number(new URL(before.proxyUrl).port);
  expect((await sandbox("up", "--port", String(port))).code).toBe(0);
  const other = await sandbox("up", "--port", String(port - 1), "--no-throttling");
  expect(other.code).toBe(1);
  const own = `npx azure-sandbox --dir ${folder.file(shared)}`;
  expect(other.output).toContain(
    `already runs, with its proxy on port ${port} and throttling on. To start it with other options: ${own} down, then ${own} up --port ${port - 1} --no-throttling`,
  );
});

test("env prints the syntax of each shell, and no file contains the client secret", async () => {
  expect((await sandbox("env", "--shell", "posix")).stdout).toMatch(
    /^export AZURE_TENANT_ID='[0-9a-f-]{36}'$/m,
  );
  expect((await sandbox("env", "--shell", "powershell")).stdout).toMatch(
    /^\$Env:HTTPS_PROXY = 'http:\/\/127/m,
  );
  expect((await sandbox("env", "--shell", "fish")).stdout).toMatch(/^set -gx PULUMI_BACKEND_URL 'file:/m);
  expect((await sandbox("env", "--shell", "cmd")).stdout).toMatch(/^set "AZURE_CLIENT_ID=/m);
  env = await variables();
  expect([env.SANDBOX_DIR, env.TERMINALS_STACK]).toEqual([folder.file(shared), undefined]);
  const { AZURE_CLIENT_SECRET: secret = "", AZURE_CLIENT_ID: deployer } = env;
  expect(secret).not.toBe("");
  expect((await variables("--as", "operator")).AZURE_CLIENT_ID).not.toBe(deployer);
  for (const file of readdirSync(folder.path, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  )) {
    const text = readFileSync(join(file.parentPath, file.name), "latin1");
    expect(text.includes(secret), file.name).toBe(false);
  }
});

test("clock moves in both directions, and rejects years outside its range", async () => {
  expect((await sandbox("clock", "720")).output).toContain("clock is at");
  expect((await status()).clockOffsetMs).toBe(720 * 3_600_000);
  expect((await sandbox("status")).output).toMatch(
    /clock {9}\d{4}-\d\d-\d\dT[\d:.]+Z, 720 hours ahead of this computer/,
  );
  await sandbox("clock", "2");
  expect((await sandbox("clock", "-1")).code).toBe(0);
  for (const hours of ["1e12", "-1e12", "NaN", "", "soon"])
    expect((await sandbox("clock", hours)).code, hours).toBe(1);
});

test("lifecycle reports that no blob was deleted, and member rejects an unknown group", async () => {
  expect((await sandbox("lifecycle")).output).toBe("The lifecycle rules deleted no blobs.\n");
  expect(JSON.parse((await sandbox("lifecycle", "--json")).stdout)).toEqual({ deleted: [] });
  const unknown = await sandbox("member", "no such group");
  expect(unknown.code).toBe(1);
  expect(unknown.output).toContain("no group named no such group");
});

test("conditions shows what the subscription refuses, and sets it from a file", async () => {
  const none = JSON.parse((await sandbox("conditions")).stdout);
  expect(none).toMatchObject({
    state: "Enabled",
    ineligibleRegions: [],
    unregisteredProviders: [],
    policies: [],
  });
  await using files = await temporaryFolder();
  const file = files.file("conditions.json");
  writeFileSync(file, JSON.stringify({ ineligibleRegions: ["West Europe"] }));
  expect((await sandbox("conditions", file)).code).toBe(0);
  writeFileSync(file, JSON.stringify({ ineligibleRegion: ["West Europe"] }));
  const wrong = await sandbox("conditions", file);
  expect(wrong.code).toBe(1);
  expect(wrong.output).toContain("ineligibleRegion");
  conditions = { ...none, ineligibleRegions: ["westeurope"] };
});

test("down stops the sandbox, and the next up uses the same subscription, ports, CA, clock offset and conditions", async () => {
  expect((await sandbox("down")).output).toContain("is down");
  expect(isAlive(before.pid)).toBe(false);
  expect((await sandbox("down")).output).toContain("does not run");

  await sandbox("up");
  const after = await status();
  expect(after.subscriptionId).toBe(before.subscriptionId);
  expect(after.proxyUrl).toBe(before.proxyUrl);
  expect(after.clockOffsetMs).toBe(721 * 3_600_000);
  const again = await variables();
  // An environment printed before the restart still works; only the client secret is new each time.
  expect({ ...again, AZURE_CLIENT_SECRET: "" }).toEqual({ ...env, AZURE_CLIENT_SECRET: "" });
  expect(again.AZURE_CLIENT_SECRET).not.toBe(env.AZURE_CLIENT_SECRET);
  expect(JSON.parse((await sandbox("conditions")).stdout)).toEqual(conditions);
});

test("up reports that an earlier process was killed, and starts with its state", async () => {
  const { pid, subscriptionId } = await status();
  process.kill(pid, "SIGKILL");
  await expect.poll(() => isAlive(pid), { timeout: 60_000 }).toBe(false);
  const asked = await sandbox("status");
  expect(asked.code).toBe(3);
  expect(asked.output).toContain(`npx azure-sandbox --dir ${folder.file(shared)} up`);
  const up = await sandbox("up");
  expect(up.output).toContain(`Process ${pid} ended without closing`);
  expect((await status()).subscriptionId).toBe(subscriptionId);
});

test("up uses other ports when another program uses those of the last start, and reports it", async () => {
  const last = await status();
  const { PULUMI_DEBUG_PROVIDERS: providers } = await variables();
  await sandbox("down");
  const proxyPort = Number(new URL(last.proxyUrl).port);
  const providerPort = Number(/azuread:(\d+)/.exec(providers)?.[1]);
  const others = [proxyPort, providerPort].map((port) => createServer().listen(port, "127.0.0.1"));
  await Promise.all(others.map((other) => once(other, "listening")));
  const up = await sandbox("up");
  for (const other of others) other.close();
  expect(up).toMatchObject({ code: 0, output: expect.stringContaining("Run env again") });
  const after = await status();
  expect(after).toMatchObject({ subscriptionId: last.subscriptionId });
  expect(after.proxyUrl).not.toBe(last.proxyUrl);
  const changed = (await variables()).PULUMI_DEBUG_PROVIDERS;
  expect(changed).toContain(/azure-native:\d+/.exec(providers)![0]);
  expect(changed).not.toContain(`azuread:${providerPort}`);
});

test("reset stops the sandbox and deletes all files", async () => {
  const { pid } = await status();
  expect((await sandbox("reset")).output).toContain("was deleted");
  expect(isAlive(pid)).toBe(false);
  expect(readdirSync(folder.path)).toEqual([]);
});

test("up with a port that another program uses fails, and names the port and the remedy", async () => {
  current = "other-port";
  const other = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => other.once("listening", resolve));
  const { port } = other.address() as { port: number };
  const refused = await sandbox("up", "--port", String(port));
  other.close();
  expect(refused.code).toBe(1);
  expect(refused.output).toContain(`Port ${port} is in use`);
  expect(refused.output).toContain("--port");
  expect((await sandbox("status")).code).toBe(3);
});

test.each(["abc", "99999", "-1", ""])("up rejects the port %j", async (port) => {
  current = "rejected-port";
  const refused = await sandbox("up", `--port=${port}`);
  expect(refused.code).toBe(1);
  expect(refused.output).toContain("The port must be a number from 1 to 65535.");
});

test("exactly one of two concurrent ups starts the sandbox, and the other one names its process", async () => {
  current = "concurrent";
  const both = await Promise.all([sandbox("up"), sandbox("up")]);
  const { pid } = await status();
  const winner = both.find(({ output }) => output.includes(`The sandbox is up: process ${pid}`));
  const loser = both.find((one) => one !== winner);
  expect(winner?.code, JSON.stringify(both)).toBe(0);
  // The second command may start after the first one is ready.
  expect(loser!.output).toMatch(
    new RegExp(`already runs \\(process ${pid}|Process ${pid} already runs or starts the sandbox`),
  );
  expect(loser!.output).not.toMatch(/database is locked|\n\s+at /);
});

test("reset and up reject a folder that contains other files, and change nothing in it", async () => {
  current = "other-files";
  mkdirSync(folder.file(current));
  writeFileSync(join(folder.file(current), "thesis.txt"), "years of work");
  const reset = await sandbox("reset");
  expect(reset.code).toBe(1);
  expect(reset.output).toContain("Nothing was deleted");
  const up = await sandbox("up");
  expect(up.code).toBe(1);
  expect(up.output).toContain("other files");
  expect(readdirSync(folder.file(current))).toEqual(["thesis.txt"]);
});
