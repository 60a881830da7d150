import { afterAll, beforeAll, expect, test } from "vitest";
import type { Fleet } from "../../../cli/azure/fleet.ts";
import type { CredentialBundle } from "../../../cli/credentials/credential-bundle.ts";
import { sha256Base64 } from "../../../cli/lib/sha256.ts";
import type { Terminal } from "../../../reference-terminal/terminal.ts";
import type { Vault } from "../../../reference-terminal/vault.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { type DeployedFleet, deployFleet } from "../fleet-harness.ts";
import {
  expectAccepted,
  newVault,
  rotationOf,
  startTerminal,
} from "../lifecycle/key-rotation/rotating-desk.ts";
import { batchOf, Desk } from "../onboarding/onboarding-desk.ts";
import { jsonLines } from "../run-cli.ts";

let fleet: DeployedFleet;
let operator: Fleet;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let desk: Desk;
let vault: Vault;
const running: Terminal[] = [];

beforeAll(async () => {
  fleet = await deployFleet();
  operator = await fleet.connect();
  folder = await temporaryFolder();
  vault = await newVault();
  desk = await Desk.at(fleet, folder.path, batchOf("turn", 6));
  expect((await desk.onboard()).code).toBe(0);
});
afterAll(async () => {
  await Promise.all(running.map((terminal) => terminal.stop()));
  await folder?.[Symbol.asyncDispose]();
  await fleet?.[Symbol.asyncDispose]();
});

const command = (args: string[]) =>
  desk.runInProcess(["rotate", ...args, "--outputs", desk.outputs, "--json", "--yes"]);

async function start(id: string, handover?: CredentialBundle): Promise<Terminal> {
  const bundle = handover ?? (await desk.open(id));
  const terminal = await startTerminal(bundle, folder.file(`${id}-${running.length}`), {
    network: fleet.network,
    vault,
  });
  running.push(terminal);
  return terminal;
}

test("--grace 0 replaces the keys of a connected terminal in one run, and invalidates the old ones", async () => {
  const terminal = await start("turn-0");
  const before = terminal.keyRing.current;
  const result = await command(["turn-0", "--grace", "0"]);
  expect(result.code, result.stdout).toBe(0);
  expect(jsonLines(result).at(-1)).toMatchObject({ type: "summary", terminals: 1, done: 1 });
  const now = terminal.keyRing.current;
  expect(now.hub.primaryKey).not.toBe(before.hub.primaryKey);
  await expectAccepted(operator, { keys: now });
  for (const key of [now.hub.primaryKey, now.flow.terminalKey, now.flow.sharedKey]) {
    expect(result.stdout + result.stderr).not.toContain(key);
  }
});

test("with a grace time the run ends with exit code 5 and --continue completes it", async () => {
  const terminal = await start("turn-1");
  const result = await command(["turn-1"]);
  expect(result.code, result.stdout).toBe(5);
  expect(jsonLines(result)).toContainEqual(expect.objectContaining({ terminal: "turn-1", state: "grace" }));
  expect((await command(["turn-1", "--continue"])).code).toBe(5);
  expect((await command(["--continue", "--grace", "0"])).code).toBe(0);
  await expectAccepted(operator, { keys: terminal.keyRing.current });
  expect(await rotationOf(operator, "turn-1")).toBeUndefined();
  expect((await command(["turn-1", "--continue"])).code).toBe(0);
});

test("with --out, a terminal that never connected gets its new keys in a sealed file; without it, the command fails", async () => {
  const before = await desk.open("turn-2");
  const nowhere = await command(["turn-2"]);
  expect(nowhere.code).toBe(1);
  expect(nowhere.stdout).toContain("it has never connected, so new keys cannot be sealed for it");
  await expectAccepted(operator, { keys: before });

  const sealing = ["--out", desk.out, "--recipient", desk.recipient];
  const sealed = await command(["turn-2", "--wait", "0", ...sealing]);
  expect(sealed.code, sealed.stdout).toBe(5);
  const after = await desk.open("turn-2");
  expect(after.hub.primaryKey).not.toBe(before.hub.primaryKey);
  await expectAccepted(operator, { keys: before });
  await expectAccepted(operator, { keys: after });
  const again = await command(["turn-2", "--wait", "0", ...sealing]);
  expect(again.code, again.stdout).toBe(5);
  expect(await desk.open("turn-2")).toEqual(after);

  await start("turn-2", after);
  const done = await command(["turn-2", "--continue", "--grace", "0"]);
  expect(done.code, done.stdout).toBe(0);
  await expectAccepted(operator, { keys: after });
  const keys = Object.values((await operator.registry.get("turn-2"))?.authentication.symmetricKey ?? {});
  expect(keys).not.toContain(before.hub.primaryKey);
  expect(await operator.flowKeys.get("example-customer", "turn-2")).toMatchObject({
    currentKeySha256: sha256Base64(after.flow.terminalKey),
    previousKeySha256: "",
  });
});

test("--older-than rotates only terminals with old keys", async () => {
  const terminal = await start("turn-3");
  const before = terminal.keyRing.current;
  const result = await command(["--older-than", "1"]);
  expect(result.code, result.stdout).toBe(0);
  expect(jsonLines(result)).toMatchObject([{ type: "rotation", terminals: 0 }]);
  const row = await operator.flowKeys.read("example-customer", "turn-3");
  const keyCreatedAt = new Date(Date.now() - 100 * 86_400_000).toISOString();
  await operator.flowKeys.update("example-customer", "turn-3", { keyCreatedAt }, row?.etag ?? "");
  const due = await command(["--older-than", "90", "--grace", "0"]);
  expect(due.code, due.stdout).toBe(0);
  expect(jsonLines(due).at(-1)).toMatchObject({ terminals: 1, done: 1 });
  expect(terminal.keyRing.current.hub.primaryKey).not.toBe(before.hub.primaryKey);
});

test("a daily --older-than is complete although terminals never connected: they are not reachable yet", async () => {
  for (const id of ["turn-4", "turn-5"]) {
    const row = await operator.flowKeys.read("example-customer", id);
    const keyCreatedAt = new Date(Date.now() - 100 * 86_400_000).toISOString();
    await operator.flowKeys.update("example-customer", id, { keyCreatedAt }, row?.etag ?? "");
  }
  const daily = ["--older-than", "90", "--wait", "0"];
  const people = await desk.runInProcess(["rotate", ...daily, "--outputs", desk.outputs, "--yes"]);
  expect([people.code, people.stdout]).toEqual([
    0,
    [
      "2 terminals not reachable yet: turn-4, turn-5",
      "  2 times (turn-4, turn-5): Let it connect, or create a sealed file for the installer: --out FOLDER --recipient AGE_RECIPIENT.",
      "0 done, 0 in progress, 0 failed, 2 not reachable yet",
      "",
    ].join("\n"),
  ]);
  const result = await command(daily);
  expect(jsonLines(result)).toEqual([
    expect.objectContaining({ terminal: "turn-4", state: "unreachable" }),
    expect.objectContaining({ terminal: "turn-5", state: "unreachable" }),
    { type: "summary", terminals: 2, done: 0, underWay: 0, failed: 0, notReachable: 2 },
  ]);
  const shown = await desk.runInProcess(["audit", "show", "--outputs", desk.outputs, "--json"]);
  expect(jsonLines(shown).at(-1)).toMatchObject({ stage: "end", result: { outcome: "done" } });
});

test("--keys shared requires --customer, and waits until the gateways know the next key", async () => {
  expect((await command(["turn-4", "--keys", "shared"])).code).toBe(2);
  const shared = await operator.customers.subscriptionKey("example-customer");
  await Promise.all(["turn-4", "turn-5"].map((id) => start(id)));
  const result = await command(["--customer", "example-customer", "--keys", "shared", "--wait", "0"]);
  expect(result.code, result.stdout).toBe(5);
  expect(jsonLines(result).filter(({ state }) => state === "settling")).toHaveLength(6);
  expect(await operator.customers.subscriptionKey("example-customer")).toBe(shared);
});

test("a terminal that the IoT Hub does not have is a failure, also in the audit log", async () => {
  const result = await command(["nobody-1"]);
  expect(result.code, result.stdout).toBe(1);
  expect(jsonLines(result).at(-1)).toMatchObject({ type: "error", code: "NoSuchTerminal" });
  const shown = await desk.runInProcess(["audit", "show", "--outputs", desk.outputs, "--json"]);
  expect(jsonLines(shown).at(-1)).toMatchObject({
    stage: "end",
    about: { command: "rotate", terminals: ["nobody-1"] },
    result: { outcome: "failed", message: "the IoT Hub has no terminal nobody-1" },
  });
});

test("without --yes on no terminal, and with invalid combinations of options, the command is a usage error", async () => {
  const asked = await desk.runInProcess(["rotate", "turn-5", "--outputs", desk.outputs]);
  expect(asked.code).toBe(2);
  for (const args of [[], ["turn-5", "--customer", "example-customer"], ["Turn 5"], ["turn-5", "--file"]]) {
    expect((await command(args)).code, args.join(" ")).toBe(2);
  }
});

test("the audit log names the customer of each rotation, and one that goes on is waiting", async () => {
  const shown = await desk.runInProcess(["audit", "show", "--outputs", desk.outputs, "--json"]);
  const ends = jsonLines(shown).filter(({ stage }) => stage === "end");
  const endOf = (terminals: string[]) =>
    ends.find(({ about }) => {
      const { command, terminals: of } = about as { command: string; terminals?: string[] };
      return command === "rotate" && JSON.stringify(of) === JSON.stringify(terminals);
    });
  expect(endOf(["turn-0"])).toMatchObject({
    about: { customer: "example-customer" },
    result: { outcome: "done" },
  });
  expect(endOf(["turn-0", "turn-1", "turn-2", "turn-3", "turn-4", "turn-5"])).toMatchObject({
    about: { customer: "example-customer" },
    result: { outcome: "waiting", details: { underWay: 6 } },
  });
});
