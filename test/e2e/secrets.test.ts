import { copyFileSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { generateX25519Identity, identityToRecipient } from "age-encryption";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { unseal } from "../../cli/credentials/seal.ts";
import { projectRoot } from "../support/project-root.ts";
import { TestStack } from "../support/test-stack.ts";

/*
 * Deploys an empty subscription, onboards terminals and revokes one. Then searches for every key that exists in what
 * was written: the engine's state, logs, stack outputs, the folder of credential bundles, the journal, the commands'
 * verbose output, and the arguments of every process.
 */

let stack: TestStack;
let identity: string;
/** Written text, by its place. */
const written = new Map<string, string>();
/** Every key, by its description. */
const minted = new Map<string, string>();
const sandboxLog: string[] = [];

beforeAll(async () => {
  // The engine writes the state after every resource, and keeps backups of it, as it does for a deployer.
  vi.stubEnv("PULUMI_SKIP_CHECKPOINTS", "false");
  stack = await TestStack.start("dev", { log: (line) => sandboxLog.push(line) });
  const watching = watchArguments();
  identity = await generateX25519Identity();
  const handovers = join(stack.folder, "bundles");
  // The journal is created beside the batch file.
  const batches = join(stack.folder, "batches");
  mkdirSync(batches);
  const batch = join(batches, "batch.csv");
  copyFileSync(join(projectRoot, "examples", "example-municipality.csv"), batch);
  const recipient = await identityToRecipient(identity);
  const say = (where: string, { output }: { output: string }) => written.set(where, output);

  say("pulumi up, verbose", await stack.up("--policy-pack", "policies", "-v=9", "--logtostderr"));
  await stack.joinOperators();
  const env = { AZURE_LOG_LEVEL: "verbose", DEBUG: "*" };
  const onboard = ["onboard", batch, "--out", handovers, "--recipient", recipient, "--yes"];
  say("terminals onboard, verbose", await stack.terminals(onboard, env));
  say("terminals onboard again, as JSON", await stack.terminals([...onboard, "--json"], env));
  const revoke = ["revoke", "example-hall-02", "--reason", "test", "--yes"];
  const before = await collectKeys("before revoking", handovers);
  say("terminals revoke, verbose", await stack.terminals(revoke, env));
  await collectKeys("after revoking", handovers);
  // Three a terminal, two an account, two a customer, and the installer's.
  expect(before).toBeGreaterThanOrEqual(25 * 3 + 2 * 2 + 2 + 1);
  written.set("process arguments", watching());
  written.set("stack outputs", JSON.stringify(await stack.outputs()));
  written.set("sandbox log", sandboxLog.join("\n"));
  for (const [name, text] of filesBelow(join(stack.folder, "sandbox", "pulumi")))
    written.set(`state ${name}`, text);
  for (const [name, text] of filesBelow(handovers)) written.set(`hand-over ${name}`, text);
  for (const [name, text] of filesBelow(batches)) written.set(`beside the batch: ${name}`, text);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await stack?.[Symbol.asyncDispose]();
});

test("the commands created and closed what the keys are for", () => {
  expect(written.get("terminals onboard, verbose")).toMatch(/onboarded now\s+25/);
  expect(written.get("terminals revoke, verbose")).toMatch(/hub\s+closed/);
  expect(filesBelow(join(stack.folder, "bundles")).size).toBeGreaterThanOrEqual(25);
});

test("no key is anywhere in plaintext", () => {
  const found: string[] = [];
  for (const [where, text] of written) {
    for (const [what, key] of minted)
      if (formsOf(key).some((form) => text.includes(form))) found.push(`${what} in ${where}`);
  }
  expect(found).toEqual([]);
});

test("no bearer token and no signature is anywhere in plaintext", () => {
  for (const [where, text] of written) {
    const token = text.search(/eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}/);
    const context = token < 0 ? undefined : text.slice(Math.max(0, token - 200), token + 200);
    expect(context, where).toBeUndefined();
    expect(text.match(/[?&]sig=(?!REDACTED)[^&\s"]{20,}/)?.[0], where).toBeUndefined();
  }
});

test("the search finds a key that is present, also when it is encoded", () => {
  const [key = ""] = minted.values();
  expect(formsOf(key).some((form) => `…${key}…`.includes(form))).toBe(true);
  expect(formsOf(key).some((form) => `…${encodeURIComponent(key)}…`.includes(form))).toBe(true);
});

/** Collects every key that exists now. @returns How many are known so far. */
async function collectKeys(when: string, handovers: string): Promise<number> {
  const { azure, storage } = stack.sandbox;
  for (const row of azure.store.db.prepare("SELECT id, primaryKey, secondaryKey FROM iothub_devices").all()) {
    minted.set(`${row.id}'s primary key ${when}`, row.primaryKey as string);
    minted.set(`${row.id}'s secondary key ${when}`, row.secondaryKey as string);
  }
  for (const { id, name } of azure.resources.list("Microsoft.Storage/storageAccounts")) {
    for (const { keyName, value } of storage.accountKeys.list(id)) minted.set(`${name}'s ${keyName}`, value);
  }
  for (const { name, properties } of azure.resources.list("Microsoft.ApiManagement/service/subscriptions")) {
    minted.set(`${name}'s shared key`, properties.primaryKey as string);
    minted.set(`${name}'s second shared key`, properties.secondaryKey as string);
  }
  for (const name of readdirSync(handovers).filter((file) => file.endsWith(".age"))) {
    const handover = await unseal(readFileSync(join(handovers, name)), { identities: [identity] });
    minted.set(`${name}'s Flow key`, handover.flow.terminalKey);
  }
  minted.set("the installer's age identity", identity);
  return minted.size;
}

/** The key as it is, and as it is written inside a URL, JSON, or another layer of Base64. */
function formsOf(key: string): string[] {
  return [
    key,
    encodeURIComponent(key),
    JSON.stringify(key).slice(1, -1),
    Buffer.from(key).toString("base64").slice(0, -4),
  ];
}

function filesBelow(folder: string): Map<string, string> {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return new Map(
    names.map((entry) => [entry.name, readFileSync(join(entry.parentPath, entry.name), "latin1")]),
  );
}

/** Collects the arguments of every process. @returns Ends it and returns them; without /proc, nothing. */
function watchArguments(): () => string {
  const seen = new Set<string>();
  /** Number of scans in which a process was there. A new one may still run the program of its parent. */
  const scans = new Map<string, number>();
  const timer = setInterval(() => {
    let names: string[] = [];
    try {
      names = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
    } catch {}
    for (const name of names) {
      const scan = scans.get(name) ?? 0;
      scans.set(name, scan + 1);
      if (scan > 5 && scan % 10 !== 0) continue;
      try {
        seen.add(readFileSync(`/proc/${name}/cmdline`, "latin1"));
      } catch {}
    }
  }, 20);
  return () => {
    clearInterval(timer);
    return [...seen].join("\n");
  };
}
