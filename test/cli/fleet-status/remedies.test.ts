import { rmSync, writeFileSync } from "node:fs";
import { afterAll, expect, test } from "vitest";
import { mintFlowKey } from "../../../cli/azure/flow-api/flow-keys.ts";
import { readFleetStatus } from "../../../cli/fleet-status/fleet-status.ts";
import { sha256Base64 } from "../../../cli/lib/sha256.ts";
import { revoke } from "../../../cli/lifecycle/revoke.ts";
import { addRows } from "../fleet-by-hand.ts";
import { batchOf, onboardedFleet } from "../onboarding/onboarding-desk.ts";
import { jsonLines } from "../run-cli.ts";

/*
 * The remedies that docs name for each kind of drift, done with the commands they name.
 */

const customer = "example-customer";
const { fleet, operator, desk, close } = await onboardedFleet("odd", 10);
afterAll(close);

const run = (...args: string[]) => desk.runInProcess([...args, "--outputs", desk.outputs]);
const sealed = ["--out", desk.out, "--recipient", desk.recipient, "--yes"];

/** The drift of a terminal, with all checks. */
async function driftOf(terminal: string): Promise<unknown> {
  const options = { policies: true, journal: fleet.journalOf(desk.batch) };
  for await (const status of readFleetStatus(operator, options)) {
    if (status.terminal === terminal) return status.drift;
  }
  return undefined;
}

async function changeRow(terminal: string, part: object): Promise<void> {
  const row = await operator.flowKeys.read(customer, terminal);
  await operator.flowKeys.update(customer, terminal, part, row?.etag as string);
}

test.each<[string, string, () => Promise<unknown>]>([
  [
    "flowStillOpen",
    "odd-0",
    async () => {
      await revoke("odd-0", operator, { reason: "lost" });
      await changeRow("odd-0", { status: "active" });
    },
  ],
  ["hubStillOpen", "odd-1", () => operator.flowKeys.revoke(customer, "odd-1")],
  [
    "filesStillOpen",
    "odd-2",
    async () => {
      await revoke("odd-2", operator, { reason: "lost" });
      await operator.files.ensureContainer("odd-2");
    },
  ],
])("`revoke` ends %s", async (drift, terminal, makeDrift) => {
  await makeDrift();
  expect(await driftOf(terminal)).toContain(drift);
  const revoked = await run("revoke", terminal, "--reason", "lost", "--yes");
  expect(revoked.code, revoked.stderr).toBe(0);
  expect(await driftOf(terminal)).toEqual([]);
});

test("`reinstate` ends noIdentity with a new device identity and a credential bundle that works", async () => {
  const before = await desk.open("odd-3");
  await operator.registry.delete("odd-3");
  expect(await driftOf("odd-3")).toEqual(["noIdentity"]);
  const reinstated = await run("reinstate", "odd-3", ...sealed);
  expect(reinstated.code, reinstated.stderr).toBe(0);
  const after = await desk.expectOnboarded(operator, "odd-3");
  expect(after.hub.primaryKey).not.toBe(before.hub.primaryKey);
  // The journal of the batch still has the old Flow key. No remedy is needed.
  expect(await driftOf("odd-3")).toEqual(["otherFlowKey"]);
});

test("onboarding the batch again ends noFlowRow and noContainer with the same credential bundles", async () => {
  const before = [await desk.open("odd-4"), await desk.open("odd-5")];
  await operator.flowKeys.delete(customer, "odd-4");
  await (await operator.files.containerClient("odd-5")).delete();
  expect(await driftOf("odd-4")).toEqual(["noFlowRow", "notOnboarded"]);
  expect(await driftOf("odd-5")).toEqual(["noContainer"]);
  const again = jsonLines(await desk.onboard(["--json"]));
  expect(again).toContainEqual({ type: "terminal", terminal: "odd-4", outcome: "onboarded" });
  expect(again).toContainEqual({ type: "terminal", terminal: "odd-5", outcome: "onboarded" });
  expect(await desk.expectOnboarded(operator, "odd-4")).toEqual(before[0]);
  expect(await desk.expectOnboarded(operator, "odd-5")).toEqual(before[1]);
});

test("`reinstate` ends noPolicy without new keys", async () => {
  const before = await desk.open("odd-6");
  await operator.files.removePolicy("odd-6");
  expect(await driftOf("odd-6")).toEqual(["noPolicy"]);
  const repaired = await run("reinstate", "odd-6", ...sealed, "--json");
  expect(jsonLines(repaired)).toMatchObject([{ outcome: "repaired" }]);
  expect(await desk.expectOnboarded(operator, "odd-6")).toEqual(before);
  expect(await driftOf("odd-6")).toEqual([]);
});

test("`revoke` closes all rows of twoFlowRows, and `reinstate` opens the one of the customer tag", async () => {
  await addRows(operator, ["odd-7"], { customer: "other-customer", site: "Site 1" });
  expect(await driftOf("odd-7")).toEqual(["twoFlowRows"]);
  expect((await run("revoke", "odd-7", "--reason", "two customers", "--yes")).code).toBe(0);
  for (const one of [customer, "other-customer"]) {
    expect(await operator.flowKeys.get(one, "odd-7")).toMatchObject({ status: "revoked" });
  }
  const reinstated = await run("reinstate", "odd-7", ...sealed);
  expect(reinstated.code, reinstated.stderr).toBe(0);
  await desk.expectOnboarded(operator, "odd-7");
  expect(await operator.flowKeys.get("other-customer", "odd-7")).toMatchObject({ status: "revoked" });
});

test("onboarding the batch again leaves a terminal with otherFlowKey unchanged", async () => {
  await changeRow("odd-8", { currentKeySha256: sha256Base64(mintFlowKey()) });
  expect(await driftOf("odd-8")).toEqual(["otherFlowKey"]);
  const again = jsonLines(await desk.onboard(["--json"]));
  expect(again).toContainEqual({ type: "terminal", terminal: "odd-8", outcome: "unchanged" });
});

test("onboarding the old batch does not bring back a retired terminal, but a new batch does", async () => {
  expect((await run("retire", "odd-9", "--after", "0", "--yes")).code).toBe(0);
  expect((await run("retire", "odd-9", "--yes")).code).toBe(0);
  const again = jsonLines(await desk.onboard(["--json"])).find(({ terminal }) => terminal === "odd-9");
  expect(again).toMatchObject({
    outcome: "failed",
    error: { message: "it was onboarded from this batch and deleted since" },
  });
  const batch = `${desk.batch}.again.csv`;
  const row = batchOf("odd", 10).split("\n").at(-2);
  writeFileSync(batch, `terminal;site;customer\n${row}\n`);
  rmSync(`${desk.out}/odd-9.age`);
  const onboarded = await run("onboard", batch, ...sealed);
  expect(onboarded.code, onboarded.stderr).toBe(0);
  await desk.expectOnboarded(operator, "odd-9");
});
