import { rmSync, writeFileSync } from "node:fs";
import { afterAll, expect, test } from "vitest";
import { hashFlowKey, mintFlowKey } from "../../../cli/azure/flow-api/flow-keys.ts";
import { revoke } from "../../../cli/lifecycle/revoke.ts";
import { addRows } from "../fleet-by-hand.ts";
import { batchOf, onboardedFleet } from "../onboarding/onboarding-desk.ts";
import { jsonLines } from "../run-cli.ts";

/*
 * What docs/operating.md advises for each thing that does not fit, done with the commands it names.
 */

const customer = "example-customer";
const { operator, desk, close } = await onboardedFleet("odd", 10);
afterAll(close);

const run = (...args: string[]) => desk.run([...args, "--outputs", desk.outputs]);
const sealed = ["--out", desk.out, "--recipient", desk.recipient, "--yes"];

/** What does not fit about a terminal, compared with its batch too. */
async function driftOf(terminal: string): Promise<unknown> {
  const args = ["status", "--policies", "--batch", desk.batch, "--json"];
  return jsonLines(await run(...args)).find((line) => line.terminal === terminal)?.drift;
}

async function changeRow(terminal: string, part: object): Promise<void> {
  const found = await operator.flowKeys.read(customer, terminal);
  await operator.flowKeys.change(customer, terminal, part, found?.etag as string);
}

test.each<[string, string, () => Promise<unknown>]>([
  [
    "odd-0",
    "flowStillOpen",
    async () => {
      await revoke("odd-0", operator, { reason: "lost" });
      await changeRow("odd-0", { status: "active" });
    },
  ],
  ["odd-1", "hubStillOpen", () => operator.flowKeys.revoke(customer, "odd-1")],
  [
    "odd-2",
    "filesStillOpen",
    async () => {
      await revoke("odd-2", operator, { reason: "lost" });
      await operator.files.ensureContainer("odd-2");
    },
  ],
])("%s: %s, and `revoke` again shuts it", async (terminal, drift, spoil) => {
  await spoil();
  expect(await driftOf(terminal)).toContain(drift);
  const shut = await run("revoke", terminal, "--reason", "lost", "--yes");
  expect(shut.code, shut.stderr).toBe(0);
  expect(await driftOf(terminal)).toEqual([]);
});

test("noIdentity: `reinstate` gives it another identity, and a hand-over that works", async () => {
  const before = await desk.open("odd-3");
  await operator.registry.delete("odd-3");
  expect(await driftOf("odd-3")).toEqual(["noIdentity"]);
  const back = await run("reinstate", "odd-3", ...sealed);
  expect(back.code, back.stderr).toBe(0);
  const after = await desk.expectOnboarded(operator, "odd-3");
  expect(after.hub.primaryKey).not.toBe(before.hub.primaryKey);
  // The batch handed over another key, which is no harm.
  expect(await driftOf("odd-3")).toEqual(["otherFlowKey"]);
});

test("noFlowRow and noContainer: onboarding the batch again heals both, with the keys that were handed over", async () => {
  const before = [await desk.open("odd-4"), await desk.open("odd-5")];
  await operator.flowKeys.delete(customer, "odd-4");
  await (await operator.files.container("odd-5")).delete();
  expect(await driftOf("odd-4")).toEqual(["noFlowRow", "notOnboarded"]);
  expect(await driftOf("odd-5")).toEqual(["noContainer"]);
  const again = jsonLines(await desk.onboard(["--json"]));
  expect(again).toContainEqual({ type: "terminal", terminal: "odd-4", outcome: "onboarded" });
  expect(again).toContainEqual({ type: "terminal", terminal: "odd-5", outcome: "onboarded" });
  expect(await desk.expectOnboarded(operator, "odd-4")).toEqual(before[0]);
  expect(await desk.expectOnboarded(operator, "odd-5")).toEqual(before[1]);
});

test("noPolicy: `reinstate` repairs it without new keys", async () => {
  const before = await desk.open("odd-6");
  await operator.files.removePolicy("odd-6");
  expect(await driftOf("odd-6")).toEqual(["noPolicy"]);
  const repaired = await run("reinstate", "odd-6", ...sealed, "--json");
  expect(jsonLines(repaired)).toMatchObject([{ outcome: "repaired" }]);
  expect(await desk.expectOnboarded(operator, "odd-6")).toEqual(before);
  expect(await driftOf("odd-6")).toEqual([]);
});

test("twoFlowRows: `revoke` closes all of them, and `reinstate` opens the one of its tag", async () => {
  await addRows(operator, ["odd-7"], { customer: "other-customer", site: "Site 1" });
  expect(await driftOf("odd-7")).toEqual(["twoFlowRows"]);
  expect((await run("revoke", "odd-7", "--reason", "two customers", "--yes")).code).toBe(0);
  for (const one of [customer, "other-customer"]) {
    expect(await operator.flowKeys.get(one, "odd-7")).toMatchObject({ status: "revoked" });
  }
  const back = await run("reinstate", "odd-7", ...sealed);
  expect(back.code, back.stderr).toBe(0);
  await desk.expectOnboarded(operator, "odd-7");
  expect(await operator.flowKeys.get("other-customer", "odd-7")).toMatchObject({ status: "revoked" });
});

test("otherFlowKey: one whose keys were renewed is unchanged when its batch is onboarded again", async () => {
  await changeRow("odd-8", { currentKeySha256: hashFlowKey(mintFlowKey()) });
  expect(await driftOf("odd-8")).toEqual(["otherFlowKey"]);
  const again = jsonLines(await desk.onboard(["--json"]));
  expect(again).toContainEqual({ type: "terminal", terminal: "odd-8", outcome: "unchanged" });
});

test("a retired terminal does not come back with its old batch; it does with a batch of its own", async () => {
  expect((await run("retire", "odd-9", "--after", "0", "--yes")).code).toBe(0);
  expect((await run("retire", "odd-9", "--yes")).code).toBe(0);
  const again = jsonLines(await desk.onboard(["--json"])).find(({ terminal }) => terminal === "odd-9");
  expect(again).toMatchObject({
    outcome: "failed",
    error: { message: "it was onboarded from here, and has been deleted since" },
  });
  const batch = `${desk.batch}.again.csv`;
  const row = batchOf("odd", 10).split("\n").at(-2);
  writeFileSync(batch, `terminal;site;customer\n${row}\n`);
  rmSync(`${desk.out}/odd-9.age`);
  const own = await run("onboard", batch, ...sealed);
  expect(own.code, own.stderr).toBe(0);
  await desk.expectOnboarded(operator, "odd-9");
});
