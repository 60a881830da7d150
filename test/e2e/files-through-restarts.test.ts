import type { ChildProcess } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { generateX25519Identity, identityToRecipient } from "age-encryption";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startDeployedStack } from "../support/deployed-stack.ts";
import { outcome, startProgram } from "../support/processes.ts";
import type { TestStack } from "../support/test-stack.ts";
import { waitFor } from "../support/wait-for.ts";

/* Terminals of a deployed stack keep working while the sandbox is killed and started again. */

const terminals = ["restart-0", "restart-1", "restart-2"];
const filesEach = 4;

let stack: TestStack;
let dir: string;
let outputs: string;
let identity: string;
/** The operator's environment. It stays valid when the sandbox starts again. */
let env: NodeJS.ProcessEnv;
const children: ChildProcess[] = [];

beforeAll(async () => {
  stack = await startDeployedStack();
  dir = join(stack.folder, "sandbox");
  const key = await generateX25519Identity();
  identity = write("key.txt", `${key}\n`);
  outputs = write("outputs.json", JSON.stringify(await stack.outputs()));
  const rows = terminals.map((terminal) => `${terminal},Hall,example-customer`);
  const batch = write("batch.csv", ["terminal,site,customer", ...rows, ""].join("\n"));
  const onboarded = await stack.terminals([
    ...["onboard", batch, "--out", join(stack.folder, "bundles"), "--yes"],
    ...["--recipient", await identityToRecipient(key)],
  ]);
  expect(onboarded.code, onboarded.output).toBe(0);
  // From here on the sandbox runs in a process of its own, which the test can kill.
  await stack.sandbox.close();
  await sandbox("up");
  env = JSON.parse((await sandbox("env", "--shell", "json", "--as", "operator")).stdout);
});
afterAll(async () => {
  for (const child of children) if (child.exitCode === null) child.kill("SIGKILL");
  await sandbox("down");
  await stack?.[Symbol.asyncDispose]();
});

function write(name: string, content: string | Buffer): string {
  const path = join(stack.folder, name);
  writeFileSync(path, content, { mode: 0o600 });
  return path;
}

function start(program: string, args: string[], variables: NodeJS.ProcessEnv = {}): ChildProcess {
  const child = startProgram(program, args, { env: { ...process.env, ...variables } });
  children.push(child);
  return child;
}

const sandbox = (...args: string[]) => outcome(start("sandbox/main.ts", ["--dir", dir, ...args]));

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function kill(): Promise<void> {
  const { pid } = JSON.parse((await sandbox("status", "--json")).stdout) as { pid: number };
  process.kill(pid, "SIGKILL");
  await waitFor("the end of the killed sandbox", () => !isAlive(pid));
}

const operate = (...args: string[]) => outcome(start("cli/main.ts", [...args, "--outputs", outputs], env));

const hashOf = (path: string) => createHash("sha256").update(readFileSync(path)).digest("hex");

/** What a terminal has received, by the names of the files: their SHA-256. */
function received(terminal: string): Record<string, string>[] {
  const folder = join(stack.folder, "homes", terminal, "received");
  if (!existsSync(folder)) return [];
  return readdirSync(folder).flatMap((id) =>
    readdirSync(join(folder, id)).map((name) => ({ [name]: hashOf(join(folder, id, name)) })),
  );
}

test("each file arrives exactly once at each terminal although the sandbox is killed and started again twice", async () => {
  const paths = Array.from({ length: filesEach }, (_, number) =>
    write(`file-${number}.bin`, randomBytes(300_000)),
  );
  const simulation = start(
    "cli/main.ts",
    [
      ...["simulate", join(stack.folder, "bundles"), "--identity", identity],
      // A lookup while the sandbox is away has no answer, so each terminal goes on.
      ...["--folder", join(stack.folder, "homes"), "--lookup", "v1/employees/1001", "--lookup-every", "1"],
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
    await waitFor(
      `all files at ${terminal}`,
      () => sorted(received(terminal)).join() === sorted(wanted).join(),
      { withinMs: 60_000, everyMs: 100 },
    );
  }
  // What is done made room for what came later; what is left is done too.
  for (const terminal of terminals) {
    const isDone = async () => !(await operate("files", terminal, "--json")).stdout.includes('"waiting"');
    await waitFor(`no waiting offer of ${terminal}`, isDone, { withinMs: 60_000, everyMs: 200 });
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
});
