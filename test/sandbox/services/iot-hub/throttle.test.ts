import { expect, test } from "vitest";
import { dailyQuota, operationsPerMinute } from "../../../../sandbox/services/iot-hub/tiers.ts";
import { refusal, rest, startHub } from "./iot-hub-harness.ts";

const batch = (name: string, count: number) =>
  Array.from({ length: count }, (_, index) => ({ id: `${name}-${index}`, importMode: "create" }));

test("a third bulk call of 50 devices within a minute on S1 waits, is a 429, and succeeds a minute later", async () => {
  await using hub = await startHub({ throttling: true });
  const as = hub.principal("IoT Hub Registry Contributor");
  const post = (name: string) => rest(hub, "POST", "/devices", { as, body: batch(name, 50) });
  expect((await post("a")).status).toBe(200);
  expect((await post("b")).status).toBe(200);
  const before = Date.now();
  const third = await post("c");
  expect(Date.now() - before).toBeGreaterThan(2500);
  expect(third.status).toBe(429);
  expect(third.headers["iothub-errorcode"]).toBe("ThrottlingBacklogTimeout");
  expect(third.headers["retry-after"]).toBeUndefined();
  expect(third.headers.connection).toBe("close");
  expect(third.body).toContain("Wait 10 seconds and try again. Operation type: RegistryOperation");
  hub.clock.move(60_000);
  expect((await post("c")).status).toBe(200);
});

test("a throttled request succeeds when the limit has room during its wait", async () => {
  await using hub = await startHub({ throttling: true, sku: "F1" });
  const as = hub.principal("IoT Hub Registry Contributor");
  expect((await rest(hub, "POST", "/devices", { as, body: batch("a", 100) })).status).toBe(200);
  const waiting = rest(hub, "PUT", "/devices/late", { as, body: { deviceId: "late" } });
  setTimeout(() => hub.clock.move(60_000), 300);
  expect((await waiting).status).toBe(200);
});

test("a throttled call is the official SDK's ThrottlingError, and other operations still succeed", async () => {
  await using hub = await startHub({ throttling: true });
  const as = hub.principal("IoT Hub Data Contributor");
  await rest(hub, "POST", "/devices", { as, body: batch("a", 100) });
  expect((await refusal(hub.registry(as).get("a-1"))).name).toBe("ThrottlingError");
  expect((await hub.registry(as).getTwin("a-1")).responseBody.deviceId).toBe("a-1");
});

test("throttles and quotas depend on tier and units", () => {
  expect(operationsPerMinute("RegistryOperation", "S1", 1)).toBe(100);
  expect(operationsPerMinute("RegistryOperation", "S2", 2)).toBe(200);
  expect(operationsPerMinute("RegistryOperation", "S3", 2)).toBe(10_000);
  expect(operationsPerMinute("DeviceConnect", "S1", 2)).toBe(60 * 100);
  expect(operationsPerMinute("DeviceConnect", "S1", 9)).toBe(60 * 108);
  expect(operationsPerMinute("TwinUpdate", "S3", 2)).toBe(60 * 500);
  expect(operationsPerMinute("Query", "S1", 3)).toBe(60);
  expect(dailyQuota("F1", 1)).toEqual({ messages: 8000, meterBytes: 512 });
  expect(dailyQuota("S1", 2).messages).toBe(800_000);
});

test("a used-up daily quota is a 403 until midnight UTC, except for registry operations", async () => {
  await using hub = await startHub({ throttling: true });
  const as = hub.principal("IoT Hub Data Contributor");
  await rest(hub, "PUT", "/devices/t-1", { as, body: { deviceId: "t-1" } });
  await rest(hub, "GET", "/twins/t-1", { as });
  hub.azure.store.db.exec("UPDATE iothub_quota SET messages = 400000");
  const refused = await rest(hub, "GET", "/twins/t-1", { as });
  expect([refused.status, refused.headers["iothub-errorcode"]]).toEqual([403, "IotHubQuotaExceeded"]);
  expect((await rest(hub, "GET", "/devices/t-1", { as })).status).toBe(200);
  hub.clock.move(24 * 3_600_000);
  expect((await rest(hub, "GET", "/twins/t-1", { as })).status).toBe(200);
});
