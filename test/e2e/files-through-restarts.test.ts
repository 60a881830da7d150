import { type ChildProcess, spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { generateX25519Identity, identityToRecipient } from "age-encryption";
import { afterAll, beforeAll, expect, test } from "vitest";
import { outcome, projectRoot, TestStack } from "../support/stack.ts";

/* Terminals of a deployed stack keep working while the sandbox is killed under them and started again. */

const terminals = ["restart-0", "restart-1", "restart-2"];
const filesEach = 4;

let stack: TestStack;
let dir: string;
let outputs: string;
let identity: string;
/** The operator's, printed once: it stays right from start to start. */
let env: NodeJS.ProcessEnv;
const children: ChildProcess[] = [];

beforeAll(async () => {
  stack = await TestStack.start("dev");
  dir = join(stack.folder, "sandbox");
  await stack.up();
  await stack.joinOperators();
  const key = await generateX25519Identity();
  identity = write("key.txt", `${key}\n`);
  outputs = write("outputs.json", JSON.stringify(await stack.outputs()));
  const rows = terminals.map((terminal) => `${terminal},Hall,example-customer`);
  const batch = write("batch.csv", ["terminal,site,customer", ...rows, ""].join("\n"));
  const onboarded = await stack.terminals([
    ...["onboard", batch, "--out", join(stack.folder, "hand-overs"), "--yes"],
    ...["--recipient", await identityToRecipient(key)],
  ]);
  expect(onboarded.code, onboarded.output).toBe(0);
  // From here on it is a process of its own, which can be killed.
  await stack.sandbox.close();
  await sandbox("up");
  env = JSON.parse((await sandbox("env", "--shell", "json", "--as", "operator")).stdout);
}, 180_000);
afterAll(async () => {
  for (const child of children) if (child.exitCode === null) child.kill("SIGKILL");
  await sandbox("down");
  await stack.stop();
});

function write(name: string, content: string | Buffer): string {
  const path = join(stack.folder, name);
  writeFileSync(path, content, { mode: 0o600 });
  return path;
}

function node(program: string, args: string[], env: NodeJS.ProcessEnv = {}): ChildProcess {
  const child = spawn(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", join(projectRoot, program), ...args],
    { cwd: projectRoot, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] },
  );
  children.push(child);
  return child;
}

const sandbox = (...args: string[]) => outcome(node("sandbox/main.ts", ["--dir", dir, ...args]));

async function kill(): Promise<void> {
  const { pid } = JSON.parse((await sandbox("status", "--json")).stdout) as { pid: number };
  process.kill(pid, "SIGKILL");
  await sleep(300);
}

const operate = (...args: string[]) => outcome(node("cli/main.ts", [...args, "--outputs", outputs], env));

const hashOf = (path: string) => createHash("sha256").update(readFileSync(path)).digest("hex");

/** What a terminal has received, by the names of the files: their SHA-256. */
function received(terminal: string): Record<string, string>[] {
  const folder = join(stack.folder, "homes", terminal, "received");
  if (!existsSync(folder)) return [];
  return readdirSync(folder).flatMap((id) =>
    readdirSync(join(folder, id)).map((name) => ({ [name]: hashOf(join(folder, id, name)) })),
  );
}

test("no offer is lost, and each file arrives once, while the sandbox is killed and started again", async () => {
  const paths = Array.from({ length: filesEach }, (_, number) =>
    write(`file-${number}.bin`, randomBytes(300_000)),
  );
  const simulation = node(
    "cli/main.ts",
    [
      ...["simulate", join(stack.folder, "hand-overs"), "--identity", identity],
      ...["--folder", join(stack.folder, "homes"), "--lookup", "v1/employees/1001"],
    ],
    env,
  );
  const ended = outcome(simulation);
  for (const [number, terminal] of terminals.entries()) {
    const sent = await operate("send", terminal, ...paths);
    expect(sent.code, sent.output).toBe(0);
    if (number === terminals.length - 1) break;
    await kill();
    await sandbox("up");
  }
  const wanted = paths.map((path, number) => ({ [`file-${number}.bin`]: hashOf(path) }));
  const sorted = (found: object[]) => found.map((one) => JSON.stringify(one)).sort();
  for (const terminal of terminals) {
    await expect
      .poll(() => sorted(received(terminal)), { timeout: 40_000, interval: 200 })
      .toEqual(sorted(wanted));
  }
  // What is done made room for what came later; what is left is done too.
  for (const terminal of terminals) {
    const waiting = async () => (await operate("files", terminal, "--json")).stdout.includes('"waiting"');
    await expect.poll(waiting, { timeout: 40_000, interval: 500 }).toBe(false);
  }
  simulation.kill("SIGINT");
  const { code, output } = await ended;
  expect(code, output).toBe(0);
  for (const terminal of terminals) {
    for (let number = 0; number < filesEach; number++) {
      const line = new RegExp(`${terminal} {2}download of file-${number}\\.bin \\(\\w+\\): done`, "g");
      expect(output.match(line), output).toHaveLength(1);
    }
    expect(output).toMatch(new RegExp(`${terminal} {2}lookup v1/employees/1001: 200`));
  }
  expect(output.match(/not connected/g)?.length).toBeGreaterThanOrEqual(terminals.length * 2);
}, 120_000);
