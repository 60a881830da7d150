import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Outcome, outcome, projectRoot } from "../support/stack.ts";

/* `npm run sandbox -- …` as people run it: processes that come and go, and one that stays. */

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fleet-sandbox-"));
});
afterEach(async () => {
  await sandbox("reset");
  rmSync(folder, { recursive: true, force: true });
});

function sandbox(...args: string[]): Promise<Outcome> {
  const program = ["--disable-warning=ExperimentalWarning", join(projectRoot, "sandbox", "main.ts")];
  return outcome(
    spawn(process.execPath, [...program, "--dir", join(folder, "sandbox"), ...args], {
      cwd: folder,
      stdio: ["ignore", "pipe", "pipe"],
    }),
  );
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

test("up, a second up, status, down, and up again with the same subscription, ports and CA", async () => {
  const first = await sandbox("up");
  expect(first.output).toContain("The sandbox is up");
  const before = await status();
  const env = await variables();
  const second = await sandbox("up");
  expect(second.code).toBe(0);
  expect(second.output).toContain(`runs already (process ${before.pid}`);

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

test("a sandbox that was killed is told of, and starts again with its state", async () => {
  await sandbox("up");
  const { pid, subscriptionId } = await status();
  process.kill(pid, "SIGKILL");
  await expect.poll(() => isAlive(pid), { timeout: 15_000 }).toBe(false);
  const asked = await sandbox("status");
  expect(asked.code).toBe(3);
  expect(asked.output).toContain("npm run sandbox -- up");
  const up = await sandbox("up");
  expect(up.output).toContain(`Process ${pid} ended without closing`);
  expect((await status()).subscriptionId).toBe(subscriptionId);
});

test("a port that somebody else has is named, with what to do", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => other.once("listening", resolve));
  const { port } = other.address() as { port: number };
  const refused = await sandbox("up", "--port", String(port));
  other.close();
  expect(refused.code).toBe(1);
  expect(refused.output).toContain(`Port ${port} is taken`);
  expect(refused.output).toContain("--port");
  expect((await sandbox("status")).code).toBe(3);
});

test.each(["abc", "99999", "-1", ""])("a port that none can have is told: %j", async (port) => {
  const refused = await sandbox("up", `--port=${port}`);
  expect(refused.code).toBe(1);
  expect(refused.output).toContain("It must be a number from 1 to 65535.");
});

test("env speaks each shell's language, and the secret it holds is kept nowhere", async () => {
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
  for (const file of readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  )) {
    const text = readFileSync(join(file.parentPath, file.name), "latin1");
    expect(text.includes(secret), file.name).toBe(false);
  }
});

test("of two that start it at once, one does, and the other says who", async () => {
  const both = await Promise.all([sandbox("up"), sandbox("up")]);
  const { pid } = await status();
  const winner = both.find(({ output }) => output.includes(`The sandbox is up: process ${pid}`));
  const loser = both.find((one) => one !== winner);
  expect(winner?.code, JSON.stringify(both)).toBe(0);
  // Whoever comes so late that it runs already is told that.
  expect(loser!.output).toMatch(new RegExp(`runs already \\(process ${pid}|Process ${pid} runs the sandbox`));
  expect(loser!.output).not.toMatch(/database is locked|\n\s+at /);
});

test("the clock goes back too, stays where it is over a restart, and not where nothing works", async () => {
  await sandbox("up");
  await sandbox("clock", "722");
  expect((await sandbox("clock", "-1")).code).toBe(0);
  for (const hours of ["1e12", "-1e12", "NaN", ""])
    expect((await sandbox("clock", hours)).code, hours).toBe(1);
  await sandbox("down");
  await sandbox("up");
  expect((await status()).clockOffsetMs).toBe(721 * 3_600_000);
});

test("reset deletes no folder that is not a sandbox's, and up takes none that holds other things", async () => {
  mkdirSync(join(folder, "sandbox"));
  writeFileSync(join(folder, "sandbox", "thesis.txt"), "years of work");
  const reset = await sandbox("reset");
  expect(reset.code).toBe(1);
  expect(reset.output).toContain("nothing was deleted");
  const up = await sandbox("up");
  expect(up.code).toBe(1);
  expect(up.output).toContain("other things");
  expect(readdirSync(join(folder, "sandbox"))).toEqual(["thesis.txt"]);
});

test("the clock moves; a group that nobody declared is told; reset leaves nothing", async () => {
  await sandbox("up");
  const { pid } = await status();
  expect((await sandbox("clock", "720")).output).toContain("clock says");
  expect((await status()).clockOffsetMs).toBe(720 * 3_600_000);
  expect((await sandbox("clock", "soon")).code).toBe(1);
  const unknown = await sandbox("member", "no such group");
  expect(unknown.code).toBe(1);
  expect(unknown.output).toContain("no group named no such group");
  expect((await sandbox("reset")).output).toContain("Nothing is left");
  expect(isAlive(pid)).toBe(false);
  expect(readdirSync(folder)).toEqual([]);
});
