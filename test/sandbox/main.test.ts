import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type TemporaryFolder, temporaryFolder } from "../support/folder.ts";
import { type Outcome, outcome, startProgram } from "../support/processes.ts";

/* The command azure-sandbox, each call in a process of its own, with the daemon that it starts. */

let folder: TemporaryFolder;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(async () => {
  await sandbox("reset");
  await folder[Symbol.asyncDispose]();
});

function sandbox(...args: string[]): Promise<Outcome> {
  const options = { cwd: folder.path };
  return outcome(startProgram("sandbox/main.ts", ["--dir", folder.file("sandbox"), ...args], options));
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

test("up starts the sandbox once, down stops it, and the next up uses the same subscription, ports and CA", async () => {
  const first = await sandbox("up");
  expect(first.output).toContain("The sandbox is up");
  expect(first.output).toContain(`eval "$(npx azure-sandbox --dir ${folder.file("sandbox")} env)"`);
  const before = await status();
  const env = await variables();
  const second = await sandbox("up");
  expect(second.code).toBe(0);
  expect(second.output).toContain(`already runs (process ${before.pid}`);
  const port = Number(new URL(before.proxyUrl).port);
  expect((await sandbox("up", "--port", String(port))).code).toBe(0);
  const other = await sandbox("up", "--port", String(port - 1), "--no-throttling");
  expect(other.code).toBe(1);
  const own = `npx azure-sandbox --dir ${folder.file("sandbox")}`;
  expect(other.output).toContain(
    `already runs, with its proxy on port ${port} and throttling on. To start it with other options: ${own} down, then ${own} up --port ${port - 1} --no-throttling`,
  );

  expect((await sandbox("down")).output).toContain("is down");
  expect(isAlive(before.pid)).toBe(false);
  expect((await sandbox("down")).output).toContain("does not run");

  await sandbox("up");
  const after = await status();
  expect(after.subscriptionId).toBe(before.subscriptionId);
  expect(after.proxyUrl).toBe(before.proxyUrl);
  const again = await variables();
  // An environment printed before the restart still works; only the client secret is new each time.
  expect({ ...again, AZURE_CLIENT_SECRET: "" }).toEqual({ ...env, AZURE_CLIENT_SECRET: "" });
  expect(again.AZURE_CLIENT_SECRET).not.toBe(env.AZURE_CLIENT_SECRET);
});

test("up reports that an earlier process was killed, and starts with its state", async () => {
  await sandbox("up");
  const { pid, subscriptionId } = await status();
  process.kill(pid, "SIGKILL");
  await expect.poll(() => isAlive(pid), { timeout: 15_000 }).toBe(false);
  const asked = await sandbox("status");
  expect(asked.code).toBe(3);
  expect(asked.output).toContain(`npx azure-sandbox --dir ${folder.file("sandbox")} up`);
  const up = await sandbox("up");
  expect(up.output).toContain(`Process ${pid} ended without closing`);
  expect((await status()).subscriptionId).toBe(subscriptionId);
});

test("up with a port that another program uses fails, and names the port and the remedy", async () => {
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

test("up uses other ports when another program uses those of the last start, and reports it", async () => {
  await sandbox("up");
  const before = await status();
  const { PULUMI_DEBUG_PROVIDERS: providers } = await variables();
  await sandbox("down");
  const proxyPort = Number(new URL(before.proxyUrl).port);
  const providerPort = Number(/azuread:(\d+)/.exec(providers)?.[1]);
  const others = [proxyPort, providerPort].map((port) => createServer().listen(port, "127.0.0.1"));
  await Promise.all(others.map((other) => once(other, "listening")));
  const up = await sandbox("up");
  for (const other of others) other.close();
  expect(up).toMatchObject({ code: 0, output: expect.stringContaining("Run env again") });
  const after = await status();
  expect(after).toMatchObject({ subscriptionId: before.subscriptionId });
  expect(after.proxyUrl).not.toBe(before.proxyUrl);
  const changed = (await variables()).PULUMI_DEBUG_PROVIDERS;
  expect(changed).toContain(/azure-native:\d+/.exec(providers)![0]);
  expect(changed).not.toContain(`azuread:${providerPort}`);
});

test.each(["abc", "99999", "-1", ""])("up rejects the port %j", async (port) => {
  const refused = await sandbox("up", `--port=${port}`);
  expect(refused.code).toBe(1);
  expect(refused.output).toContain("The port must be a number from 1 to 65535.");
});

test("env prints the syntax of each shell, and no file contains the client secret", async () => {
  await sandbox("up");
  expect((await sandbox("env", "--shell", "posix")).stdout).toMatch(
    /^export AZURE_TENANT_ID='[0-9a-f-]{36}'$/m,
  );
  expect((await sandbox("env", "--shell", "powershell")).stdout).toMatch(
    /^\$Env:HTTPS_PROXY = 'http:\/\/127/m,
  );
  expect((await sandbox("env", "--shell", "fish")).stdout).toMatch(/^set -gx PULUMI_BACKEND_URL 'file:/m);
  expect((await sandbox("env", "--shell", "cmd")).stdout).toMatch(/^set "AZURE_CLIENT_ID=/m);
  const { AZURE_CLIENT_SECRET: secret, AZURE_CLIENT_ID: deployer } = await variables();
  expect((await variables("--as", "operator")).AZURE_CLIENT_ID).not.toBe(deployer);
  for (const file of readdirSync(folder.path, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  )) {
    const text = readFileSync(join(file.parentPath, file.name), "latin1");
    expect(text.includes(secret), file.name).toBe(false);
  }
});

test("exactly one of two concurrent ups starts the sandbox, and the other one names its process", async () => {
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

test("clock moves in both directions, keeps its offset after a restart, and rejects years outside its range", async () => {
  await sandbox("up");
  await sandbox("clock", "722");
  expect((await sandbox("clock", "-1")).code).toBe(0);
  for (const hours of ["1e12", "-1e12", "NaN", ""])
    expect((await sandbox("clock", hours)).code, hours).toBe(1);
  await sandbox("down");
  await sandbox("up");
  expect((await status()).clockOffsetMs).toBe(721 * 3_600_000);
});

test("reset and up reject a folder that contains other files, and change nothing in it", async () => {
  mkdirSync(join(folder.path, "sandbox"));
  writeFileSync(join(folder.path, "sandbox", "thesis.txt"), "years of work");
  const reset = await sandbox("reset");
  expect(reset.code).toBe(1);
  expect(reset.output).toContain("Nothing was deleted");
  const up = await sandbox("up");
  expect(up.code).toBe(1);
  expect(up.output).toContain("other files");
  expect(readdirSync(join(folder.path, "sandbox"))).toEqual(["thesis.txt"]);
});

test("conditions shows what the subscription refuses, sets it from a file, and keeps it after a restart", async () => {
  await sandbox("up");
  const none = JSON.parse((await sandbox("conditions")).stdout);
  expect(none).toMatchObject({
    state: "Enabled",
    ineligibleRegions: [],
    unregisteredProviders: [],
    policies: [],
  });
  const file = folder.file("conditions.json");
  writeFileSync(file, JSON.stringify({ ineligibleRegions: ["West Europe"] }));
  expect((await sandbox("conditions", file)).code).toBe(0);
  writeFileSync(file, JSON.stringify({ ineligibleRegion: ["West Europe"] }));
  const wrong = await sandbox("conditions", file);
  expect(wrong.code).toBe(1);
  expect(wrong.output).toContain("ineligibleRegion");
  await sandbox("down");
  await sandbox("up");
  const kept = JSON.parse((await sandbox("conditions")).stdout);
  expect(kept).toEqual({ ...none, ineligibleRegions: ["westeurope"] });
});

test("clock moves the clock, member rejects an unknown group, and reset deletes all files", async () => {
  await sandbox("up");
  const { pid } = await status();
  expect((await sandbox("clock", "720")).output).toContain("clock is at");
  expect((await status()).clockOffsetMs).toBe(720 * 3_600_000);
  expect((await sandbox("status")).output).toMatch(
    /clock {9}\d{4}-\d\d-\d\dT[\d:.]+Z, 720 hours ahead of this computer/,
  );
  expect((await sandbox("lifecycle")).output).toBe("The lifecycle rules deleted no blobs.\n");
  expect(JSON.parse((await sandbox("lifecycle", "--json")).stdout)).toEqual({ deleted: [] });
  const { SANDBOX_DIR, TERMINALS_STACK } = await variables();
  expect([SANDBOX_DIR, TERMINALS_STACK]).toEqual([folder.file("sandbox"), undefined]);
  expect((await sandbox("clock", "soon")).code).toBe(1);
  const unknown = await sandbox("member", "no such group");
  expect(unknown.code).toBe(1);
  expect(unknown.output).toContain("no group named no such group");
  expect((await sandbox("reset")).output).toContain("was deleted");
  expect(isAlive(pid)).toBe(false);
  expect(readdirSync(folder.path)).toEqual([]);
});
