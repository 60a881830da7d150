import { existsSync, mkdirSync } from "node:fs";
import { afterAll, expect, test } from "vitest";
import { mintFlowKey } from "../../../cli/azure/flow-api/flow-keys.ts";
import { sha256Base64 } from "../../../cli/lib/sha256.ts";
import { retire } from "../../../cli/lifecycle/retire.ts";
import { revoke } from "../../../cli/lifecycle/revoke.ts";
import { jsonLines } from "../run-cli.ts";
import { Desk, onboardedFleet } from "./onboarding-desk.ts";

const { fleet, operator, folder, desk, close } = await onboardedFleet("again", 5);
afterAll(close);

const customer = "example-customer";

async function onboardAgain() {
  const lines = jsonLines(await desk.onboard(["--json"]));
  const resultOf = (terminal: string) => lines.find((line) => line.terminal === terminal);
  return { resultOf, summary: lines.find(({ type }) => type === "summary") };
}

/** Changes the Flow key row as a rotation does. */
async function rotateFlowKey(terminal: string): Promise<void> {
  const row = await operator.flowKeys.read(customer, terminal);
  const currentKeySha256 = sha256Base64(mintFlowKey());
  await operator.flowKeys.update(customer, terminal, { currentKeySha256 }, row?.etag as string);
}

test("a terminal with rotated keys is unchanged, and its old credential bundle is renamed to .age.outdated", async () => {
  await rotateFlowKey("again-0");
  expect((await onboardAgain()).resultOf("again-0")).toMatchObject({ outcome: "unchanged" });
  expect(existsSync(`${desk.out}/again-0.age`)).toBe(false);
  expect(existsSync(`${desk.out}/again-0.age.outdated`)).toBe(true);
  const { resultOf, summary } = await onboardAgain();
  expect(resultOf("again-0")).toMatchObject({ outcome: "unchanged" });
  expect(summary).toMatchObject({ unchanged: 5, onboarded: 0, failed: 0 });
});

test("a deleted container is created again", async () => {
  await (await operator.files.containerClient("again-1")).delete();
  expect((await onboardAgain()).resultOf("again-1")).toMatchObject({ outcome: "onboarded" });
  await desk.expectOnboarded(operator, "again-1");
  expect((await onboardAgain()).resultOf("again-1")).toMatchObject({ outcome: "unchanged" });
});

test("a deleted device identity is a failure, which `reinstate` ends with a new identity", async () => {
  await operator.registry.delete("again-2");
  const failure = (await onboardAgain()).resultOf("again-2");
  expect(failure).toMatchObject({
    outcome: "failed",
    error: { message: expect.stringContaining("its device identity does not exist in the IoT Hub") },
  });
  const options = ["--outputs", desk.outputs, "--out", desk.out, "--recipient", desk.recipient];
  const result = await desk.runInProcess(["reinstate", "again-2", ...options, "--yes", "--json"]);
  expect(jsonLines(result).at(-1), result.stderr).toMatchObject({
    outcome: "reinstated",
    customer,
    site: "Site 0",
  });
  await desk.expectOnboarded(operator, "again-2");
});

test("a device identity that is disabled at the IoT Hub only is a failure, and stays disabled", async () => {
  const identity = await operator.registry.get("again-3");
  if (!identity) throw new Error("again-3 has no identity");
  await operator.registry.update({ ...identity, status: "disabled", statusReason: "by hand" });
  expect((await onboardAgain()).resultOf("again-3")).toMatchObject({
    outcome: "failed",
    error: { message: "its device identity is disabled, but its Flow key is active" },
  });
  expect((await operator.registry.get("again-3"))?.status).toBe("disabled");
});

test("a retired and deleted terminal is a failure with its old batch, and is onboarded with a new batch", async () => {
  const before = await desk.open("again-4");
  await revoke("again-4", operator, { reason: "scrapped" });
  await retire("again-4", operator, { days: 0 });
  await retire("again-4", operator, { days: 0, now: Date.now() + 1000 });
  expect((await onboardAgain()).resultOf("again-4")).toMatchObject({
    outcome: "failed",
    error: { message: "it was onboarded from this batch and deleted since" },
  });
  expect(await operator.registry.get("again-4")).toBeUndefined();
  expect(await operator.flowKeys.get(customer, "again-4")).toBeUndefined();

  mkdirSync(folder.file("new"));
  const other = await Desk.at(
    fleet,
    folder.file("new"),
    "terminal;site;customer\nagain-4;Site 0;example-customer\n",
  );
  expect((await other.onboard()).code).toBe(0);
  const after = await other.expectOnboarded(operator, "again-4");
  expect(after.hub.primaryKey).not.toBe(before.hub.primaryKey);
});
