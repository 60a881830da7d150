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

test("ensureIdentities creates each identity when the bulk call answers 200 with isSuccessful false", async () => {
  const errors = [{ deviceId: "unsure-1", errorCode: 500001, errorStatus: "ServerError" }];
  const body = JSON.stringify({ isSuccessful: false, errors, warnings: [] });
  const answer = { status: 200, headers: { "content-type": "application/json" }, body };
  fleet.proxy.faults.add({ method: "POST", path: "/devices?*", answer, first: 1 });
  const results = await ensureIdentities([terminal("unsure-0"), terminal("unsure-1")], operator);
  for (const id of ["unsure-0", "unsure-1"]) {
    const identity = await operator.registry.get(id);
    expect(results.get(id)).toEqual({ keys: identity?.authentication.symmetricKey });
    expect(await operator.registry.tags(id)).toMatchObject({ customer: "example-customer" });
  }
});

test("ensureIdentities fails for an existing identity without tags, with a remedy", async () => {
  await operator.registry.create([{ id: "untagged-0", keys: mintDeviceKeys(), tags: {} }]);
  const results = await ensureIdentities([terminal("untagged-0")], operator);
  expect(results.get("untagged-0")).toMatchObject({
    error: { outcome: "failed", remedy: expect.stringContaining("If nothing uses it, delete it") },
  });
});
