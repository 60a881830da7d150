import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { Fleet } from "../../../cli/azure/fleet.ts";
import { mintDeviceKeys } from "../../../cli/credentials/device-keys.ts";
import { ensureIdentities } from "../../../cli/onboarding/identities.ts";
import { type DeployedFleet, deployFleet } from "../fleet-harness.ts";

let fleet: DeployedFleet;
let operator: Fleet;

beforeAll(async () => {
  fleet = await deployFleet();
  operator = await fleet.connect();
});
afterAll(() => fleet?.[Symbol.asyncDispose]());
afterEach(() => fleet.proxy.faults.clear());

const terminal = (id: string) => ({ id, customer: "example-customer", site: "Hall A" });

test("an answer that says 200 and no success: each terminal gets its identity all the same", async () => {
  const errors = [{ deviceId: "lied-1", errorCode: 500001, errorStatus: "ServerError" }];
  const body = JSON.stringify({ isSuccessful: false, errors, warnings: [] });
  const answer = { status: 200, headers: { "content-type": "application/json" }, body };
  fleet.proxy.faults.add({ method: "POST", path: "/devices?*", answer, first: 1 });
  const done = await ensureIdentities([terminal("lied-0"), terminal("lied-1")], operator);
  for (const id of ["lied-0", "lied-1"]) {
    const identity = await operator.registry.get(id);
    expect(done.get(id)).toEqual({ keys: identity?.authentication.symmetricKey });
    expect(await operator.registry.tags(id)).toMatchObject({ customer: "example-customer" });
  }
});

test("an identity without tags is nobody's here to take, and it is said what to do", async () => {
  await operator.registry.create([{ id: "untagged-0", keys: mintDeviceKeys(), tags: {} }]);
  const done = await ensureIdentities([terminal("untagged-0")], operator);
  expect(done.get("untagged-0")).toMatchObject({
    error: { outcome: "failed", remedy: expect.stringContaining("If nothing uses it, delete it") },
  });
});
