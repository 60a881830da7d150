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
  const of = (terminal: string) => lines.find((line) => line.terminal === terminal);
  return { of, summary: lines.find(({ type }) => type === "summary") };
}

/** What a rotation that went through the hub leaves, seen from a batch. */
async function renew(terminal: string): Promise<void> {
  const found = await operator.flowKeys.read(customer, terminal);
  const currentKeySha256 = sha256Base64(mintFlowKey());
  await operator.flowKeys.update(customer, terminal, { currentKeySha256 }, found?.etag as string);
}

test("a terminal whose keys were renewed since is onboarded, and its old hand-over is set aside", async () => {
  await renew("again-0");
  expect((await onboardAgain()).of("again-0")).toMatchObject({ outcome: "unchanged" });
  expect(existsSync(`${desk.out}/again-0.age`)).toBe(false);
  expect(existsSync(`${desk.out}/again-0.age.outdated`)).toBe(true);
  const { of, summary } = await onboardAgain();
  expect(of("again-0")).toMatchObject({ outcome: "unchanged" });
  expect(summary).toMatchObject({ unchanged: 5, onboarded: 0, failed: 0 });
});

test("a container that was deleted is made again", async () => {
  await (await operator.files.containerClient("again-1")).delete();
  expect((await onboardAgain()).of("again-1")).toMatchObject({ outcome: "onboarded" });
  await desk.expectOnboarded(operator, "again-1");
  expect((await onboardAgain()).of("again-1")).toMatchObject({ outcome: "unchanged" });
});

test("an identity that was deleted is told; reinstating gives it another one", async () => {
  await operator.registry.delete("again-2");
  const failure = (await onboardAgain()).of("again-2");
  expect(failure).toMatchObject({
    outcome: "failed",
    error: { message: expect.stringContaining("identity is gone") },
  });
  const options = ["--outputs", desk.outputs, "--out", desk.out, "--recipient", desk.recipient];
  const result = await desk.run(["reinstate", "again-2", ...options, "--yes", "--json"]);
  expect(jsonLines(result).at(-1), result.stderr).toMatchObject({
    outcome: "reinstated",
    customer,
    site: "Site 0",
  });
  await desk.expectOnboarded(operator, "again-2");
});

test("one that was disabled at the hub alone is told of, and stays as it is", async () => {
  const identity = await operator.registry.get("again-3");
  if (!identity) throw new Error("again-3 has no identity");
  await operator.registry.update({ ...identity, status: "disabled", statusReason: "by hand" });
  expect((await onboardAgain()).of("again-3")).toMatchObject({
    outcome: "failed",
    error: { message: "its identity is disabled, and its Flow key is not" },
  });
  expect((await operator.registry.get("again-3"))?.status).toBe("disabled");
});

test("one that was retired and deleted does not come back with its old batch, and does with one of its own", async () => {
  const before = await desk.open("again-4");
  await revoke("again-4", operator, { reason: "scrapped" });
  await retire("again-4", operator, { days: 0 });
  await retire("again-4", operator, { days: 0, now: Date.now() + 1000 });
  expect((await onboardAgain()).of("again-4")).toMatchObject({
    outcome: "failed",
    error: { message: "it was onboarded from here, and has been deleted since" },
  });
  expect(await operator.registry.get("again-4")).toBeUndefined();
  expect(await operator.flowKeys.get(customer, "again-4")).toBeUndefined();

  mkdirSync(folder.file("own"));
  const own = await Desk.at(
    fleet,
    folder.file("own"),
    "terminal;site;customer\nagain-4;Site 0;example-customer\n",
  );
  expect((await own.onboard()).code).toBe(0);
  const after = await own.expectOnboarded(operator, "again-4");
  expect(after.hub.primaryKey).not.toBe(before.hub.primaryKey);
});
