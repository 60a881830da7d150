import { mkdirSync } from "node:fs";
import { afterAll, afterEach, expect, test } from "vitest";
import type { Fleet } from "../../../cli/azure/fleet.ts";
import { BundleFolder } from "../../../cli/credentials/bundle-folder.ts";
import { sealer } from "../../../cli/credentials/seal.ts";
import { sha256Base64 } from "../../../cli/lib/sha256.ts";
import { reinstate } from "../../../cli/lifecycle/reinstate.ts";
import { retire } from "../../../cli/lifecycle/retire.ts";
import { revoke } from "../../../cli/lifecycle/revoke.ts";
import { Inventory } from "../../../cli/onboarding/inventory.ts";
import { Journal } from "../../../cli/onboarding/journal.ts";
import { onboardChunk } from "../../../cli/onboarding/onboard-chunk.ts";
import { batchOf, Desk, onboardedFleet } from "../onboarding/onboarding-desk.ts";
import { jsonLines } from "../run-cli.ts";

const { fleet, operator, folder, desk, close } = await onboardedFleet("race", 6);
afterEach(() => fleet.proxy.faults.clear());
afterAll(close);

const customer = "example-customer";
const revoked = { hub: "disabled", policy: false, flow: "revoked" };

async function accessPathsOf(terminal: string, of = customer) {
  return {
    hub: (await operator.registry.get(terminal))?.status,
    policy: await operator.files.hasPolicy(terminal),
    flow: (await operator.flowKeys.get(of, terminal))?.status,
  };
}

/** The connection of another operator. The first call of one method runs `interruption` before. */
async function interrupted<S extends "files" | "flowKeys" | "registry">(
  service: S,
  method: keyof Fleet[S],
  interruption: () => Promise<unknown>,
): Promise<Fleet> {
  const other = await fleet.connect();
  // The method is replaced by its name, which no service type allows.
  const target = other[service] as unknown as Record<PropertyKey, (...args: unknown[]) => unknown>;
  const original = target[method as string]?.bind(target) as (...args: unknown[]) => unknown;
  let done = false;
  target[method as string] = async (...args) => {
    if (!done) {
      done = true;
      await interruption();
    }
    return original(...args);
  };
  return other;
}

const sealing = () => ({
  folder: new BundleFolder(desk.out),
  seal: sealer({ recipients: [desk.recipient] }),
});

test("a terminal revoked between two runs of its onboarding stays revoked in the second run", async () => {
  mkdirSync(folder.file("cut"));
  const other = await Desk.at(fleet, folder.file("cut"), batchOf("cut", 3, "cut-customer"));
  const refused = { status: 403, headers: { "x-ms-error-code": "AuthorizationFailure" } };
  fleet.proxy.faults.add({
    host: fleet.hosts.flowKeys,
    method: "POST",
    answer: refused,
  });
  expect((await other.onboard()).code).toBe(3);
  fleet.proxy.faults.clear();
  const revoking = ["revoke", "cut-0", "--outputs", other.outputs, "--reason", "stolen", "--yes"];
  expect((await other.runInProcess(revoking)).code).toBe(0);
  expect(await accessPathsOf("cut-0", "cut-customer")).toEqual(revoked);

  const again = await other.onboard(["--json"]);
  expect(again.code).toBe(1);
  const lines = jsonLines(again);
  expect(lines.find(({ terminal }) => terminal === "cut-0")).toMatchObject({
    outcome: "failed",
    error: { message: "its Flow key is revoked" },
  });
  expect(lines.at(-2)).toMatchObject({ onboarded: 2, failed: 1 });
  expect(await accessPathsOf("cut-0", "cut-customer")).toEqual(revoked);
});

test.each([
  ["files", "ensureContainer"],
  ["flowKeys", "add"],
] as const)(
  "a terminal revoked during its onboarding, before %s.%s, stays revoked",
  async (service, method) => {
    const terminal = `middle-${method.toLowerCase()}`;
    const other = await interrupted(service, method as never, () =>
      revoke(terminal, operator, { reason: "stolen" }),
    );
    const out = new BundleFolder(folder.file(terminal));
    await out.prepare();
    const journal = await Journal.open(folder.file(`${terminal}.journal`));
    const onboarding = { ...sealing(), fleet: other, journal, folder: out };
    const [result] = await onboardChunk(
      { terminals: [{ id: terminal, customer, site: "A" }], imported: new Map() },
      { ...onboarding, inventory: new Inventory(customer, other) },
    );
    await journal.close();
    expect(result?.error?.message).toContain("it was revoked during this run");
    expect(await accessPathsOf(terminal)).toEqual(revoked);
    expect(await out.digest(terminal)).toBeUndefined();
  },
);

test("the Flow key rows that a terminal has with several customers are all revoked, and all deleted when it is retired", async () => {
  const row = await operator.flowKeys.get(customer, "race-0");
  if (!row) throw new Error("race-0 has no row");
  await operator.flowKeys.put("former-customer", "race-0", row);
  const revoking = ["revoke", "race-0", "--reason", "closed", "--yes"];
  expect((await desk.runInProcess([...revoking, "--outputs", desk.outputs])).code).toBe(0);
  expect(await accessPathsOf("race-0")).toEqual(revoked);
  expect(await accessPathsOf("race-0", "former-customer")).toEqual(revoked);
  await retire("race-0", operator, { days: 0 });
  expect(await retire("race-0", operator, { days: 0, now: Date.now() + 1000 })).toEqual({ state: "deleted" });
  expect(await operator.flowKeys.customersOf("race-0")).toEqual([]);
});

test.each([
  ["flowKeys", "put"],
  ["files", "ensureContainer"],
  ["flowKeys", "update"],
] as const)(
  "a terminal revoked during its reinstatement, before %s.%s, is revoked, and the reinstatement fails",
  async (service, method) => {
    await revoke("race-1", operator, { reason: "lost" });
    let said: Awaited<ReturnType<typeof revoke>> = [];
    const other = await interrupted(service, method as never, async () => {
      said = await revoke("race-1", operator, { reason: "stolen" });
    });
    await expect(reinstate("race-1", other, sealing())).rejects.toMatchObject({
      message: "another operator revoked or reinstated the terminal at the same time",
    });
    expect(said.map(({ closed }) => closed)).toEqual([true, true, true]);
    expect(await accessPathsOf("race-1")).toEqual(revoked);
    const { flow } = await desk.open("race-1");
    expect((await operator.flowKeys.get(customer, "race-1"))?.status).toBe("revoked");
    expect(flow.terminalKey).not.toBe("");
  },
);

test("of two concurrent reinstatements one succeeds, and its credential bundle works", async () => {
  await revoke("race-2", operator, { reason: "lost" });
  const theirs = new BundleFolder(folder.file("theirs"));
  await theirs.prepare();
  const other = await interrupted("flowKeys", "update", () =>
    reinstate("race-2", operator, { ...sealing(), folder: theirs }),
  );
  await expect(reinstate("race-2", other, sealing())).rejects.toThrow(
    "another operator revoked or reinstated",
  );
  expect(await accessPathsOf("race-2")).toEqual({ hub: "enabled", policy: true, flow: "active" });
  const row = await operator.flowKeys.get(customer, "race-2");
  const { flow } = await desk.open("race-2");
  expect(row?.currentKeySha256).not.toBe(sha256Base64(flow.terminalKey));
});

test("a terminal reinstated just before its deletion is not deleted", async () => {
  await revoke("race-3", operator, { reason: "old" });
  await retire("race-3", operator, { days: 0 });
  const other = await fleet.connect();
  const patch = other.twins.patch.bind(other.twins);
  let done = false;
  other.twins.patch = async (...args) => {
    if (!done) await reinstate("race-3", operator, sealing());
    done = true;
    return patch(...args);
  };
  await expect(retire("race-3", other, { days: 0, now: Date.now() + 1000 })).rejects.toThrow(
    "race-3 is not revoked",
  );
  await desk.expectOnboarded(operator, "race-3");
});

test("a terminal that is being deleted cannot be reinstated, and retiring it again completes the deletion", async () => {
  await revoke("race-4", operator, { reason: "old" });
  await retire("race-4", operator, { days: 0 });
  const later = { days: 0, now: Date.now() + 1000 };
  const other = await interrupted("flowKeys", "delete", () => Promise.reject(new Error("killed")));
  await expect(retire("race-4", other, later)).rejects.toThrow("killed");
  await expect(reinstate("race-4", operator, sealing())).rejects.toThrow("is being deleted");
  expect(await retire("race-4", operator, later)).toEqual({ state: "deleted" });
  expect(await accessPathsOf("race-4")).toEqual({ hub: undefined, policy: false, flow: undefined });
});

test("a terminal whose policy is missing because it is being revoked gets no new policy", async () => {
  await operator.files.removePolicy("race-5");
  const other = await interrupted("files", "ensureContainer", () =>
    revoke("race-5", operator, { reason: "stolen" }),
  );
  await expect(reinstate("race-5", other, sealing())).rejects.toThrow(
    "another operator revoked or reinstated",
  );
  expect(await accessPathsOf("race-5")).toEqual(revoked);
});
