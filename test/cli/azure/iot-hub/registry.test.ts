import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { HubClient } from "../../../../cli/azure/iot-hub/hub-client.ts";
import { Pacer } from "../../../../cli/azure/iot-hub/pacing.ts";
import { type NewDevice, Registry } from "../../../../cli/azure/iot-hub/registry.ts";
import { mintDeviceKeys } from "../../../../cli/credentials/device-keys.ts";
import type { Clock } from "../../../../cli/lib/clock.ts";
import type { OperatorError } from "../../../../cli/lib/operator-error.ts";
import {
  type HubUnderTest,
  type Principal,
  startHub,
} from "../../../sandbox/services/iot-hub/iot-hub-harness.ts";

let hub: HubUnderTest;
/** What was waited for, in milliseconds; time itself stands still. */
let waits: number[];
let operator: Principal;

beforeAll(async () => {
  hub = await startHub();
  vi.stubEnv("HTTPS_PROXY", hub.proxy.url);
  operator = hub.principal("IoT Hub Registry Contributor", "IoT Hub Twin Contributor");
});
beforeEach(() => {
  waits = [];
  hub.proxy.faults.clear();
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await hub[Symbol.asyncDispose]();
});

function registryAs(principal: Principal, perMinute = 1_000_000): Registry {
  let now = 0;
  const clock: Clock = {
    now: () => now,
    sleep: async (ms) => {
      waits.push(ms);
      now += ms;
    },
  };
  const random = () => 0.5;
  return new Registry(
    new HubClient({
      hostName: hub.host,
      credential: principal as never,
      network: hub.network,
      pacer: new Pacer({ perMinute, clock, random }),
      permission: () => ({
        role: "IoT Hub Registry Contributor",
        scope: hub.resourceId,
        group: "Example operators",
        caller: principal.objectId,
      }),
      clock,
      random,
    }),
  );
}

const tags = { customer: "example-customer", site: "Østfløyen" };
const devices = (prefix: string, count: number): NewDevice[] =>
  Array.from({ length: count }, (_, number) => ({ id: `${prefix}-${number}`, keys: mintDeviceKeys(), tags }));

describe("the registry", () => {
  test("creates a hundred identities in one call, with their keys and tags", async () => {
    const registry = registryAs(operator);
    const made = devices("made", 100);
    expect(await registry.create(made)).toEqual(new Map());
    const [first] = made;
    const identity = await registry.get("made-0");
    expect(identity).toMatchObject({ status: "enabled", authentication: { symmetricKey: first?.keys } });
    expect(await registry.tags("made-0")).toEqual(tags);
    expect(await registry.get("no-such")).toBeUndefined();
    expect(await registry.tags("no-such")).toBeUndefined();
  });

  test("reports identities that exist already, and the others of the call as Unknown", async () => {
    const registry = registryAs(operator);
    await registry.create(devices("there", 2));
    const codes = await registry.create(devices("there", 3));
    expect(codes.get("there-0")).toBe("DeviceAlreadyExists");
    expect(codes.get("there-1")).toBe("DeviceAlreadyExists");
    expect(codes.get("there-2")).toBe("Unknown");
  });

  const answered = (body: object) =>
    hub.proxy.faults.add({
      method: "POST",
      path: "/devices?*",
      answer: { status: 200, headers: { "content-type": "application/json" }, body: JSON.stringify(body) },
      first: 1,
    });

  test("reports all devices as Unknown when a 200 response says that it was not successful", async () => {
    const registry = registryAs(operator);
    const errors = [{ deviceId: "half-1", errorCode: 500001, errorStatus: "ServerError" }];
    answered({ isSuccessful: false, errors, warnings: [] });
    expect(Object.fromEntries(await registry.create(devices("half", 2)))).toEqual({
      "half-0": "Unknown",
      "half-1": "500001",
    });
    answered({ isSuccessful: false, errors: [], warnings: [] });
    expect([...(await registry.create(devices("half", 2))).values()]).toEqual(["Unknown", "Unknown"]);
    answered({ isSuccessful: true, errors, warnings: [] });
    expect((await registry.create(devices("half", 2))).size).toBe(2);
  });

  test("sets the tags of a device that was created without a twin, or reports the device", async () => {
    const registry = registryAs(operator);
    const [bare, gone] = devices("bare", 2);
    await registry.create([{ ...bare!, tags: {} }]);
    const warnings = ["bare-0", "bare-1"].map((deviceId) => {
      return { deviceId, warningCode: "DeviceRegisteredWithoutTwin", warningStatus: "" };
    });
    answered({ isSuccessful: true, errors: [], warnings });
    const codes = await registry.create([bare!, gone!]);
    expect(Object.fromEntries(codes)).toEqual({ "bare-1": "DeviceRegisteredWithoutTwin" });
    expect(await registry.tags("bare-0")).toEqual(tags);
  });

  test("updates an identity only under its ETag", async () => {
    const registry = registryAs(operator);
    await registry.create(devices("updated", 1));
    const identity = (await registry.get("updated-0"))!;
    expect(await registry.update({ ...identity, status: "disabled", statusReason: "stolen" })).toBe(true);
    expect(await registry.update({ ...identity, status: "enabled" })).toBe(false);
    expect(await registry.get("updated-0")).toMatchObject({
      status: "disabled",
      statusReason: "stolen",
      authentication: identity.authentication,
    });
  });

  test("reads all pages of a query", async () => {
    const registry = registryAs(operator);
    for (const part of ["a", "b", "c"]) {
      await registry.create(
        devices(`paged-${part}`, 100).map((device) => ({ ...device, tags: { ...tags, customer: "paged" } })),
      );
    }
    const ids = new Set<unknown>();
    for await (const row of registry.query(
      "SELECT deviceId, status FROM devices WHERE tags.customer = 'paged'",
    )) {
      ids.add(row.deviceId);
    }
    expect(ids.size).toBe(300);
  });
});

describe("with failures of the hub or the network", () => {
  test("the retry after a lost response finds the change made", async () => {
    hub.proxy.faults.add({ method: "POST", path: "/devices?*", drop: "after", first: 1 });
    const [device] = devices("lost", 1);
    const registry = registryAs(operator);
    expect(await registry.create([device!])).toEqual(new Map([["lost-0", "DeviceAlreadyExists"]]));
    expect((await registry.get("lost-0"))?.authentication.symmetricKey).toEqual(device?.keys);
    expect(waits).toEqual([375]);
  });

  test("500, 503 and dropped connections are retried with growing waits", async () => {
    hub.proxy.faults.add({ path: "/devices/*", answer: { status: 500 }, first: 2 });
    hub.proxy.faults.add({ path: "/devices/*", answer: { status: 503, body: "busy" }, first: 1 });
    hub.proxy.faults.add({ path: "/devices/*", drop: "before", first: 1 });
    expect(await registryAs(operator).get("no-such")).toBeUndefined();
    expect(waits).toEqual([375, 750, 1500, 3000]);
  });

  test("after 429 without Retry-After all calls wait at least ten seconds", async () => {
    const body = JSON.stringify({ Message: "ErrorCode:ThrottlingBacklogTimeout;Wait 10 seconds" });
    hub.proxy.faults.add({ path: "/devices*", answer: { status: 429, body }, first: 2 });
    const registry = registryAs(operator, 100);
    await Promise.all([registry.get("a-a"), registry.get("b-b")]);
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(10_000);
  });

  test("the last failure becomes an OperatorError", async () => {
    hub.proxy.faults.add({
      path: "/devices*",
      answer: { status: 500, headers: { "iothub-errorcode": "ServerError" } },
    });
    const failure = await registryAs(operator)
      .get("no-such")
      .catch((error: OperatorError) => error);
    expect(failure).toMatchObject({
      outcome: "unreachable",
      code: "ServerError",
      message: "reading the device identity no-such: ServerError",
    });
    expect(waits).toHaveLength(7);
  });

  test("the error for a missing role contains the command that grants it", async () => {
    const stranger = hub.principal();
    const failure = (await registryAs(stranger)
      .create(devices("refused", 1))
      .catch((error) => error)) as OperatorError;
    expect(failure).toMatchObject({ outcome: "notAllowed" });
    expect(failure.remedy).toContain(
      `az role assignment create --assignee ${stranger.objectId} --role 'IoT Hub Registry Contributor' --scope ${hub.resourceId}`,
    );
    expect(failure.remedy).toContain(
      `az ad group member add --group 'Example operators' --member-id ${stranger.objectId}`,
    );
    expect(waits).toEqual([]);
  });

  test("an unknown host becomes an OperatorError with the outcome unreachable", async () => {
    const client = new HubClient({
      hostName: "no-such-hub.azure-devices.net",
      credential: operator as never,
      network: hub.network,
      pacer: new Pacer({ perMinute: 100 }),
      permission: () => ({ role: "", scope: "", group: "", caller: undefined }),
      clock: { now: () => 0, sleep: async () => {} },
    });
    await expect(new Registry(client).get("no-such")).rejects.toMatchObject({ outcome: "unreachable" });
  });
});
