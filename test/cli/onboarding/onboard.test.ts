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

/** All files below a folder with their content. */
function readFilesBelow(folder: string): Map<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  const paths = files.map((entry) => join(entry.parentPath, entry.name));
  return new Map(paths.map((path) => [path, readFileSync(path).toString("latin1")]));
}

describe("`onboard`", () => {
  test("onboards the example batch once, and writes no key in plaintext", async () => {
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

    const before = readFilesBelow(folder.path);
    const again = await desk.onboard(["--json"]);
    expect(again.code).toBe(0);
    expect(jsonLines(again).at(-1)).toMatchObject({
      type: "summary",
      onboarded: 0,
      unchanged: 25,
      failed: 0,
    });
    expect(readFilesBelow(folder.path)).toEqual(before);
    for (const terminal of terminals) await desk.expectOnboarded(operator, terminal);
    expect(jsonLines(await desk.onboard(["--dry-run", "--json"]))).toMatchObject([{ new: 0, unchanged: 25 }]);

    const written = [first, again, planned]
      .flatMap(({ stdout, stderr }) => [stdout, stderr])
      .concat(...before.values());
    for (const key of keys) expect(written.some((text) => text.includes(key))).toBe(false);
  });

  test("seals with a passphrase from standard input", async () => {
    await using folder = await temporaryFolder();
    const desk = await Desk.at(fleet, folder.path, batchOf("passphrase", 1));
    const args = ["onboard", desk.batch, "--outputs", desk.outputs, "--out", desk.out, "--passphrase"];
    const { code } = await desk.runInProcess([...args, "--yes"], { input: "correct horse battery\n" });
    expect(code).toBe(0);
    const sealed = readFileSync(join(desk.out, "passphrase-0.age"));
    expect(await unseal(sealed, { passphrase: "correct horse battery" })).toMatchObject({
      terminalId: "passphrase-0",
    });
  });

  test("onboards only the new terminals of a batch that grew", async () => {
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

describe("`onboard` names each terminal that fails and onboards the others, for", () => {
  test("a device identity of another customer or site", async () => {
    await using other = await temporaryFolder();
    await (await Desk.at(fleet, other.path, batchOf("taken", 1, "other-customer"))).onboard();
    await using own = await temporaryFolder();
    const desk = await Desk.at(fleet, own.path, batchOf("taken", 2));
    const result = await desk.onboard(["--json"]);
    expect(result.code).toBe(1);
    expect(jsonLines(result)).toContainEqual({
      type: "terminal",
      terminal: "taken-0",
      outcome: "failed",
      error: {
        message:
          'its device identity exists with the customer "other-customer", but the batch has "example-customer"',
        remedy: expect.any(String),
      },
    });
    await desk.expectOnboarded(operator, "taken-1");
    expect(readdirSync(desk.out)).toEqual(["taken-1.age"]);

    writeFileSync(desk.batch, "terminal;site;customer\ntaken-1;Elsewhere;example-customer\n");
    const moved = await desk.onboard();
    expect(moved.code).toBe(1);
    expect(moved.stderr).toContain('an earlier run onboarded it for example-customer, site "Site 1"');
  });

  test("terminals that were onboarded from another folder, without a second Flow key", async () => {
    await using first = await temporaryFolder();
    const other = await Desk.at(fleet, first.path, batchOf("elsewhere", 2));
    await other.onboard();
    await using second = await temporaryFolder();
    const desk = await Desk.at(fleet, second.path, batchOf("elsewhere", 3));
    const result = await desk.onboard();
    expect(result.code).toBe(1);
    expect(result.stderr).toContain(
      "elsewhere-0: it is onboarded already, and its credential bundle is not in this folder",
    );
    expect(readdirSync(desk.out)).toEqual(["elsewhere-2.age"]);
    await other.expectOnboarded(operator, "elsewhere-0");
  });

  test("a credential bundle that is missing, changed, or of another batch", async () => {
    await using folder = await temporaryFolder();
    const desk = await Desk.at(fleet, folder.path, batchOf("lost", 2));
    await desk.onboard();
    rmSync(join(desk.out, "lost-0.age"));
    writeFileSync(join(desk.out, "lost-1.age"), "changed");
    writeFileSync(join(desk.out, "lost-2.age"), "of another batch");
    writeFileSync(desk.batch, batchOf("lost", 3));
    const result = await desk.onboard();
    expect(result.code).toBe(1);
    expect(result.stderr).toMatch(
      /lost-0: it is onboarded, but its credential bundle .*lost-0\.age is missing or was changed/,
    );
    expect(result.stderr).toMatch(/lost-1: it is onboarded, but/);
    expect(result.stderr).toMatch(/lost-2: .*lost-2\.age exists already, and was not created for this batch/);
    expect(readFileSync(join(desk.out, "lost-2.age"), "utf8")).toBe("of another batch");
    expect(await operator.registry.get("lost-2")).toBeUndefined();
  });

  test("a wrong client secret exits 3 with Azure's code and without the secret", async () => {
    await using folder = await temporaryFolder();
    const desk = await Desk.at(fleet, folder.path, batchOf("secret", 1));
    const azureClientSecret = "not-a-valid-secret";
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
  ])("without the role %s it exits 3 and names the role, and a later run continues", async (role, prefix) => {
    await using folder = await temporaryFolder();
    // A new customer, since the run creates its subscription key.
    const desk = await Desk.at(fleet, folder.path, batchOf(prefix, 2, `customer-${prefix}`));
    const restore = fleet.withdraw(role);
    try {
      const result = await desk.onboard();
      expect(result.code, result.stderr).toBe(3);
      const isCustomRole = role === flowKeysRole;
      expect(result.stderr).toContain(isCustomRole ? "service/subscriptions/*" : `"${role}"`);
      if (!isCustomRole) expect(result.stderr).toContain(`--assignee ${fleet.operator}`);
    } finally {
      restore();
    }
    const result = await desk.onboard();
    expect(result.code, result.stderr).toBe(0);
    for (const number of [0, 1]) await desk.expectOnboarded(operator, `${prefix}-${number}`);
  });
});
