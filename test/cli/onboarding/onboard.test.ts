import { copyFileSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Fleet } from "../../../cli/azure/fleet.ts";
import { unseal } from "../../../cli/credentials/seal.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { type DeployedFleet, deployFleet, flowKeysRole, type OperatorRole } from "../fleet-harness.ts";
import { jsonLines } from "../run-cli.ts";
import { batchOf, Desk } from "./onboarding-desk.ts";

let fleet: DeployedFleet;
let operator: Fleet;

beforeAll(async () => {
  fleet = await deployFleet();
  operator = await fleet.connect();
});
afterAll(() => fleet?.[Symbol.asyncDispose]());

/** Every file below a folder, with its bytes. */
function filesBelow(folder: string): Map<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  const paths = files.map((entry) => join(entry.parentPath, entry.name));
  return new Map(paths.map((path) => [path, readFileSync(path).toString("latin1")]));
}

describe("onboarding", () => {
  test("the example batch: all of it, once, and no key in the open", async () => {
    await using folder = await temporaryFolder();
    const desk = await Desk.at(fleet, folder.path, "");
    copyFileSync(join(import.meta.dirname, "../../../examples/example-municipality.csv"), desk.batch);

    const planned = await desk.onboard(["--dry-run", "--json"]);
    expect(planned.code).toBe(0);
    expect(jsonLines(planned)).toMatchObject([
      { type: "plan", terminals: 25, new: 25, newSharedKey: true, seconds: 0 },
    ]);
    expect(await operator.registry.get("example-hall-01")).toBeUndefined();
    expect(readdirSync(folder.path).sort()).toEqual(["batch.csv", "outputs.json"]);

    const first = await desk.onboard();
    expect(first.code, first.stderr).toBe(0);
    expect(first.stdout).toMatch(/onboarded now +25/);
    const terminals = readdirSync(desk.out).map((name) => name.replace(/\.age$/, ""));
    expect(terminals).toHaveLength(25);
    const keys = new Set<string>();
    for (const terminal of terminals) {
      const { hub, flow } = await desk.expectOnboarded(operator, terminal);
      for (const key of [hub.primaryKey, flow.terminalKey, flow.sharedKey]) keys.add(key);
      if (process.platform !== "win32")
        expect(statSync(join(desk.out, `${terminal}.age`)).mode & 0o777).toBe(0o600);
    }
    expect(keys.size).toBe(51);

    const before = filesBelow(folder.path);
    const again = await desk.onboard(["--json"]);
    expect(again.code).toBe(0);
    expect(jsonLines(again).at(-1)).toMatchObject({
      type: "summary",
      onboarded: 0,
      unchanged: 25,
      failed: 0,
    });
    expect(filesBelow(folder.path)).toEqual(before);
    for (const terminal of terminals) await desk.expectOnboarded(operator, terminal);
    expect(jsonLines(await desk.onboard(["--dry-run", "--json"]))).toMatchObject([{ new: 0, unchanged: 25 }]);

    const written = [first, again, planned]
      .flatMap(({ stdout, stderr }) => [stdout, stderr])
      .concat(...before.values());
    for (const key of keys) expect(written.some((text) => text.includes(key))).toBe(false);
  });

  test("with a passphrase from standard input", async () => {
    await using folder = await temporaryFolder();
    const desk = await Desk.at(fleet, folder.path, batchOf("passphrase", 1));
    const args = ["onboard", desk.batch, "--outputs", desk.outputs, "--out", desk.out, "--passphrase"];
    const { code } = await desk.run([...args, "--yes"], { input: "correct horse battery\n" });
    expect(code).toBe(0);
    const sealed = readFileSync(join(desk.out, "passphrase-0.age"));
    expect(await unseal(sealed, { passphrase: "correct horse battery" })).toMatchObject({
      terminalId: "passphrase-0",
    });
  });

  test("a batch that grew: only the new ones are made", async () => {
    await using folder = await temporaryFolder();
    const desk = await Desk.at(fleet, folder.path, batchOf("grown", 120));
    await desk.onboard();
    const before = await desk.open("grown-7");
    writeFileSync(desk.batch, batchOf("grown", 130));
    expect(jsonLines(await desk.onboard(["--json"])).at(-1)).toMatchObject({ onboarded: 10, unchanged: 120 });
    expect(await desk.open("grown-7")).toEqual(before);
    await desk.expectOnboarded(operator, "grown-129");
  });
});

describe("what cannot be onboarded is told, and the rest is done", () => {
  test("an identity of another customer, or at another site", async () => {
    await using theirs = await temporaryFolder();
    await (await Desk.at(fleet, theirs.path, batchOf("taken", 1, "other-customer"))).onboard();
    await using ours = await temporaryFolder();
    const desk = await Desk.at(fleet, ours.path, batchOf("taken", 2));
    const result = await desk.onboard(["--json"]);
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
    await desk.expectOnboarded(operator, "taken-1");
    expect(readdirSync(desk.out)).toEqual(["taken-1.age"]);

    writeFileSync(desk.batch, "terminal;site;customer\ntaken-1;Elsewhere;example-customer\n");
    const moved = await desk.onboard();
    expect(moved.code).toBe(1);
    expect(moved.stderr).toContain('an earlier run handed it over for example-customer, site "Site 1"');
  });

  test("onboarded elsewhere: no second key, and what to do", async () => {
    await using first = await temporaryFolder();
    const other = await Desk.at(fleet, first.path, batchOf("elsewhere", 2));
    await other.onboard();
    await using second = await temporaryFolder();
    const desk = await Desk.at(fleet, second.path, batchOf("elsewhere", 3));
    const result = await desk.onboard();
    expect(result.code).toBe(1);
    expect(result.stderr).toContain(
      "elsewhere-0: it was onboarded already, and its hand-over is not in this folder",
    );
    expect(readdirSync(desk.out)).toEqual(["elsewhere-2.age"]);
    await other.expectOnboarded(operator, "elsewhere-0");
  });

  test("a hand-over that was lost, changed, or is somebody else's", async () => {
    await using folder = await temporaryFolder();
    const desk = await Desk.at(fleet, folder.path, batchOf("lost", 2));
    await desk.onboard();
    rmSync(join(desk.out, "lost-0.age"));
    writeFileSync(join(desk.out, "lost-1.age"), "changed");
    writeFileSync(join(desk.out, "lost-2.age"), "somebody else's");
    writeFileSync(desk.batch, batchOf("lost", 3));
    const result = await desk.onboard();
    expect(result.code).toBe(1);
    expect(result.stderr).toMatch(/lost-0: it is onboarded, but .*lost-0\.age is missing or was changed/);
    expect(result.stderr).toMatch(/lost-1: it is onboarded, but/);
    expect(result.stderr).toMatch(/lost-2: .*lost-2\.age is there already, and not from this batch/);
    expect(readFileSync(join(desk.out, "lost-2.age"), "utf8")).toBe("somebody else's");
    expect(await operator.registry.get("lost-2")).toBeUndefined();
  });

  test("a wrong secret: its code, and not the secret", async () => {
    await using folder = await temporaryFolder();
    const desk = await Desk.at(fleet, folder.path, batchOf("secret", 1));
    const azureClientSecret = "not-the-secret-of-anybody";
    const { code, stderr } = await desk.onboard([], {
      env: { ...fleet.env, AZURE_CLIENT_SECRET: azureClientSecret },
    });
    expect(code).toBe(3);
    expect(stderr).toContain("not signed in to Azure: AADSTS7000215");
    expect(stderr).not.toContain(azureClientSecret);
  });

  test.each<[OperatorRole, string]>([
    ["IoT Hub Registry Contributor", "without-registry"],
    ["Reader", "without-reader"],
    ["Storage Account Key Operator Service Role", "without-keys"],
    ["Storage Table Data Contributor", "without-table"],
    [flowKeysRole, "without-service"],
  ])("without the role %s it stops, names it, and continues later", async (role, prefix) => {
    await using folder = await temporaryFolder();
    // A customer of its own: an earlier one's shared key is there already.
    const desk = await Desk.at(fleet, folder.path, batchOf(prefix, 2, `customer-${prefix}`));
    const giveBack = fleet.withdraw(role);
    try {
      const result = await desk.onboard();
      expect(result.code, result.stderr).toBe(3);
      const custom = role === flowKeysRole;
      expect(result.stderr).toContain(custom ? "service/subscriptions/*" : `"${role}"`);
      if (!custom) expect(result.stderr).toContain(`--assignee ${fleet.operator}`);
    } finally {
      giveBack();
    }
    const result = await desk.onboard();
    expect(result.code, result.stderr).toBe(0);
    for (const number of [0, 1]) await desk.expectOnboarded(operator, `${prefix}-${number}`);
  });
});
