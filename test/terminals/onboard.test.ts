import { copyFileSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { generateIdentity, identityToRecipient } from "age-encryption";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Fleet } from "../../terminals/fleet.ts";
import { hashFlowKey } from "../../terminals/flow/flow-keys.ts";
import type { Handover } from "../../terminals/handover/handover.ts";
import { unseal } from "../../terminals/handover/seal.ts";
import { type DeployedFleet, deployFleet } from "./fleet-harness.ts";
import { temporaryFolder } from "./folder.ts";
import { type CliResult, jsonLines, runCli } from "./run-cli.ts";

let fleet: DeployedFleet;
let operator: Fleet;
let identity: string;
let recipient: string;

beforeAll(async () => {
  fleet = await deployFleet();
  operator = await fleet.connect();
  identity = await generateIdentity();
  recipient = await identityToRecipient(identity);
});
afterEach(() => fleet.front.faults.clear());
afterAll(() => fleet?.[Symbol.asyncDispose]());

/** One operator's computer: a batch, the folder of hand-overs and the stack's outputs. */
interface Desk {
  batch: string;
  out: string;
  path: string;
  onboard(...more: string[]): Promise<CliResult>;
}

function desk(path: string, batch: string): Desk {
  const file = join(path, "batch.csv");
  writeFileSync(file, batch);
  writeFileSync(join(path, "outputs.json"), JSON.stringify(fleet.outputs));
  const out = join(path, "out");
  const args = [
    "onboard",
    file,
    "--outputs",
    join(path, "outputs.json"),
    "--out",
    out,
    "--recipient",
    recipient,
  ];
  return { batch: file, out, path, onboard: (...more) => runCli([...args, ...more], { env: fleet.env }) };
}

const rows = (prefix: string, count: number, customer = "example-customer") =>
  Array.from({ length: count }, (_, number) => `${prefix}-${number};Site ${number % 2};${customer}`);
const csv = (lines: string[]) => ["terminal;site;customer", ...lines, ""].join("\n");

async function open(folder: string, terminal: string): Promise<Handover> {
  return unseal(readFileSync(join(folder, `${terminal}.age`)), { identities: [identity] });
}

/** That a terminal has what it was handed: each key works at its door. */
async function expectOnboarded(folder: string, terminal: string): Promise<Handover> {
  const handover = await open(folder, terminal);
  expect(handover.terminalId).toBe(terminal);
  const device = await operator.registry.get(terminal);
  expect(device).toMatchObject({ status: "enabled" });
  expect(handover.hub.primaryKey).toBe(device?.authentication.symmetricKey.primaryKey);
  expect(await operator.registry.tags(terminal)).toMatchObject({
    customer: handover.customer,
    site: handover.site,
  });
  expect(await operator.flowKeys.get(handover.customer, terminal)).toMatchObject({
    currentKeySha256: hashFlowKey(handover.flow.terminalKey),
    status: "active",
    site: handover.site,
  });
  expect(handover.flow.sharedKey).toBe(await operator.customers.sharedKey(handover.customer));
  expect(await operator.files.takesKeys(terminal)).toBe(true);
  return handover;
}

/** Every file below a folder, with its bytes. */
function filesBelow(folder: string): Map<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return new Map(
    files.map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return [path, readFileSync(path).toString("latin1")];
    }),
  );
}

describe("onboarding", () => {
  test("the example batch: all of it, once, and no key in the open", async () => {
    await using folder = await temporaryFolder();
    const { batch, out, onboard } = desk(folder.path, "");
    copyFileSync(join(import.meta.dirname, "../../examples/example-municipality.csv"), batch);

    const planned = await onboard("--dry-run", "--json");
    expect(planned.code).toBe(0);
    expect(jsonLines(planned)).toMatchObject([
      { type: "plan", terminals: 25, new: 25, newSharedKey: true, seconds: 0 },
    ]);
    expect(await operator.registry.get("example-hall-01")).toBeUndefined();
    expect(readdirSync(folder.path).sort()).toEqual(["batch.csv", "outputs.json"]);

    const first = await onboard();
    expect(first.code, first.stderr).toBe(0);
    expect(first.stdout).toMatch(/onboarded now +25/);
    const terminals = readdirSync(out).map((name) => name.replace(/\.age$/, ""));
    expect(terminals).toHaveLength(25);
    const keys: string[] = [];
    for (const terminal of terminals) {
      const { hub, flow } = await expectOnboarded(out, terminal);
      keys.push(hub.primaryKey, flow.terminalKey, flow.sharedKey);
      if (process.platform !== "win32")
        expect(statSync(join(out, `${terminal}.age`)).mode & 0o777).toBe(0o600);
    }
    expect(new Set(keys).size).toBe(51);

    const before = filesBelow(folder.path);
    const again = await onboard("--json");
    expect(again.code).toBe(0);
    expect(jsonLines(again).at(-1)).toMatchObject({
      type: "summary",
      onboarded: 0,
      unchanged: 25,
      failed: 0,
    });
    expect(filesBelow(folder.path)).toEqual(before);
    for (const terminal of terminals) await expectOnboarded(out, terminal);
    expect(jsonLines(await onboard("--dry-run", "--json"))).toMatchObject([{ new: 0, unchanged: 25 }]);

    const open = [first, again, planned]
      .flatMap(({ stdout, stderr }) => [stdout, stderr])
      .concat(...before.values());
    for (const key of keys) expect(open.some((text) => text.includes(key))).toBe(false);
  });

  test("with a passphrase from standard input", async () => {
    await using folder = await temporaryFolder();
    const { batch, out } = desk(folder.path, csv(rows("passphrase", 1)));
    const args = [
      "onboard",
      batch,
      "--outputs",
      join(folder.path, "outputs.json"),
      "--out",
      out,
      "--passphrase",
    ];
    const { code } = await runCli(args, { env: fleet.env, input: "correct horse battery\n" });
    expect(code).toBe(0);
    const sealed = readFileSync(join(out, "passphrase-0.age"));
    expect(await unseal(sealed, { passphrase: "correct horse battery" })).toMatchObject({
      terminalId: "passphrase-0",
    });
  });

  test("a batch that grew: only the new ones are made", async () => {
    await using folder = await temporaryFolder();
    const { batch, out, onboard } = desk(folder.path, csv(rows("grown", 120)));
    await onboard();
    const before = await open(out, "grown-7");
    writeFileSync(batch, csv(rows("grown", 130)));
    expect(jsonLines(await onboard("--json")).at(-1)).toMatchObject({ onboarded: 10, unchanged: 120 });
    expect(await open(out, "grown-7")).toEqual(before);
    await expectOnboarded(out, "grown-129");
  });
});

describe("what cannot be onboarded is told, and the rest is done", () => {
  test("an identity of another customer, or at another site", async () => {
    await using theirs = await temporaryFolder();
    await desk(theirs.path, csv(rows("taken", 1, "other-customer"))).onboard();
    await using ours = await temporaryFolder();
    const { out, onboard, batch } = desk(ours.path, csv(rows("taken", 2)));
    const result = await onboard("--json");
    expect(result.code).toBe(1);
    expect(jsonLines(result)).toContainEqual({
      type: "terminal",
      terminal: "taken-0",
      outcome: "failed",
      error: {
        message: 'its identity exists with the customer "other-customer", the batch says "example-customer"',
        remedy: expect.any(String),
      },
    });
    await expectOnboarded(out, "taken-1");
    expect(readdirSync(out)).toEqual(["taken-1.age"]);

    writeFileSync(batch, csv(["taken-1;Elsewhere;example-customer"]));
    const moved = await onboard();
    expect(moved.code).toBe(1);
    expect(moved.stderr).toContain('an earlier run handed it over for example-customer, site "Site 1"');
  });

  test("onboarded elsewhere: no second key, and what to do", async () => {
    await using first = await temporaryFolder();
    await desk(first.path, csv(rows("elsewhere", 2))).onboard();
    await using second = await temporaryFolder();
    const { onboard, out } = desk(second.path, csv(rows("elsewhere", 3)));
    const result = await onboard();
    expect(result.code).toBe(1);
    expect(result.stderr).toContain(
      "elsewhere-0: it was onboarded already, and its hand-over is not in this folder",
    );
    expect(readdirSync(out)).toEqual(["elsewhere-2.age"]);
    await expectOnboarded(join(first.path, "out"), "elsewhere-0");
  });

  test("a hand-over that was lost, changed, or is somebody else's", async () => {
    await using folder = await temporaryFolder();
    const { onboard, out, batch } = desk(folder.path, csv(rows("lost", 2)));
    await onboard();
    rmSync(join(out, "lost-0.age"));
    writeFileSync(join(out, "lost-1.age"), "changed");
    writeFileSync(join(out, "lost-2.age"), "somebody else's");
    writeFileSync(batch, csv(rows("lost", 3)));
    const result = await onboard();
    expect(result.code).toBe(1);
    expect(result.stderr).toMatch(/lost-0: it is onboarded, but .*lost-0\.age is missing or was changed/);
    expect(result.stderr).toMatch(/lost-1: it is onboarded, but/);
    expect(result.stderr).toMatch(/lost-2: .*lost-2\.age is there already, and not from this batch/);
    expect(readFileSync(join(out, "lost-2.age"), "utf8")).toBe("somebody else's");
    expect(await operator.registry.get("lost-2")).toBeUndefined();
  });

  test.each([
    "IoT Hub Registry Contributor",
    "Reader",
    "Storage Account Key Operator Service Role",
    "Storage Table Data Contributor",
    "API Management Service Contributor",
  ])("without the role %s it stops, names it, and continues later", async (role) => {
    await using folder = await temporaryFolder();
    const prefix = `without-${role.replace(/[^a-z]/gi, "").toLowerCase()}`.slice(0, 40);
    const { onboard, out } = desk(folder.path, csv(rows(prefix, 2, `customer-${role.length}`)));
    const giveBack = fleet.withdraw(role);
    try {
      const result = await onboard();
      expect(result.code, result.stderr).toBe(3);
      expect(result.stderr).toContain(role.startsWith("API") ? "service/subscriptions/*" : `"${role}"`);
      if (!role.startsWith("API")) expect(result.stderr).toContain(`--assignee ${fleet.operator}`);
    } finally {
      giveBack();
    }
    const result = await onboard();
    expect(result.code, result.stderr).toBe(0);
    for (const number of [0, 1]) await expectOnboarded(out, `${prefix}-${number}`);
  });
});
