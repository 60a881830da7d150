import { createHash } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { waitFor } from "../../../support/wait-for.ts";
import { type HubUnderTest, type Principal, rest, startHub } from "./iot-hub-harness.ts";
import { addDevice, deviceToken } from "./official-device.ts";
import { RawDevice } from "./raw-device.ts";

let hub: HubUnderTest;
let as: Principal;

beforeAll(async () => {
  hub = await startHub();
  as = hub.principal("IoT Hub Data Contributor");
  await addDevice(hub, as, "m-1");
});
afterAll(() => hub[Symbol.asyncDispose]());

const times = (count: number, text: string, separator: string) => Array(count).fill(text).join(separator);
const select = (where: string) => ({ query: `SELECT * FROM devices WHERE ${where}` });
const all = "SELECT * FROM devices";
/** A continuation token with any content. */
const continuation = (position: object) => {
  const query = createHash("sha256").update(all).digest("base64url").slice(0, 12);
  return { "x-ms-continuation": Buffer.from(JSON.stringify({ ...position, query })).toString("base64") };
};
const container = "https://example.blob.core.windows.net/c?sig=x";

test.each<[string, string, string, unknown, Record<string, string>?]>([
  ["a query that is null", "POST", "/devices/query", null],
  ["a query with another name", "POST", "/devices/query", { sql: all }],
  ["TOP 1.5", "POST", "/devices/query", { query: "SELECT TOP 1.5 * FROM devices" }],
  ["TOP 0", "POST", "/devices/query", { query: "SELECT TOP 0 * FROM devices" }],
  ["a page of 1.5", "POST", "/devices/query", { query: all }, { "x-ms-max-item-count": "1.5" }],
  ["a page of abc", "POST", "/devices/query", { query: all }, { "x-ms-max-item-count": "abc" }],
  ["a page of 0", "POST", "/devices/query", { query: all }, { "x-ms-max-item-count": "0" }],
  ["3,000 times AND", "POST", "/devices/query", select(times(3000, "tags.x = 1", " AND "))],
  ["50,000 times NOT", "POST", "/devices/query", select(`${times(50_000, "NOT", " ")} tags.x = 1`)],
  ["20,000 brackets", "POST", "/devices/query", select("(".repeat(20_000))],
  ["a list of 40,000", "POST", "/devices/query", select(`tags.x IN [${times(40_000, "1", ",")}]`)],
  [
    "3,000 columns",
    "POST",
    "/devices/query",
    { query: `SELECT ${times(3000, "deviceId", ",")} FROM devices` },
  ],
  [
    "a continuation after an object",
    "POST",
    "/devices/query",
    { query: all },
    continuation({ after: {}, seen: 0 }),
  ],
  ["a continuation without a count", "POST", "/devices/query", { query: all }, continuation({ after: "a" })],
  ["properties that are a text", "PATCH", "/twins/m-1", { properties: "x" }],
  ["a section that does not exist", "PATCH", "/twins/m-1", { properties: { wanted: { a: 1 } } }],
  ["an unknown property", "PATCH", "/twins/m-1", { tag: { a: 1 } }],
  ["a twin that is a list", "PUT", "/twins/m-1", []],
  [
    "a misspelled key",
    "PUT",
    "/devices/m-2",
    { deviceId: "m-2", authentication: { symmetricKey: { primary: "x" } } },
  ],
  ["a misspelled status", "PUT", "/devices/m-2", { deviceId: "m-2", state: "disabled" }],
  ["a job that is null", "POST", "/jobs/create", null],
  [
    "a container without a name",
    "POST",
    "/jobs/create",
    { type: "export", outputBlobContainerUri: "https://x" },
  ],
  [
    "a container without TLS",
    "POST",
    "/jobs/create",
    { type: "export", outputBlobContainerUri: container.replace("https", "http") },
  ],
  [
    "a container that is a file",
    "POST",
    "/jobs/create",
    { type: "export", outputBlobContainerUri: "file:///etc/passwd" },
  ],
  [
    "an unknown authentication type",
    "POST",
    "/jobs/create",
    { type: "export", outputBlobContainerUri: container, storageAuthenticationType: "magic" },
  ],
  ["a method with an unknown property", "POST", "/twins/m-1/methods", { methodName: "x", timeout: 5 }],
  [
    "JSON of 100 levels",
    "POST",
    "/twins/m-1/methods",
    { methodName: "x", payload: JSON.parse("[".repeat(100) + "]".repeat(100)) },
  ],
])("%s is a 400", async (_, method, path, body, headers) => {
  const answer = await rest(hub, method, path, { as, body, headers });
  expect(answer.status).toBe(400);
  expect(answer.headers["iothub-errorcode"]).toMatch(/^(ArgumentInvalid|BlobContainerValidationError)$/);
});

test("JSON with too many levels is a 400 in every kind of call", async () => {
  const deep = `${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}`;
  for (const [method, path] of [
    ["PATCH", "/twins/m-1"],
    ["PUT", "/devices/m-1"],
    ["POST", "/devices"],
    ["POST", "/devices/query"],
    ["POST", "/twins/m-1/methods"],
  ] as const) {
    expect((await rest(hub, method, path, { as, text: deep })).status).toBe(400);
  }
});

test("a body that is too large is a 413", async () => {
  const text = " ".repeat(9 * 1024 * 1024);
  const answer = await rest(hub, "POST", "/devices", { as, text });
  expect([answer.status, answer.headers["iothub-errorcode"]]).toEqual([413, "MessageTooLarge"]);
});

test("a query finds a property whose name has quotes and backslashes", async () => {
  await addDevice(hub, as, "m-3");
  const tags = { "a\\": 1, 'q"q': 2, "b\\c": 3 };
  expect((await rest(hub, "PATCH", "/twins/m-3", { as, body: { tags } })).status).toBe(200);
  for (const [name, value] of Object.entries(tags)) {
    const body = { query: `SELECT deviceId FROM devices WHERE tags[${JSON.stringify(name)}] = ${value}` };
    const answer = await rest(hub, "POST", "/devices/query", { as, body });
    expect([answer.status, answer.body]).toEqual([200, '[{"deviceId":"m-3"}]']);
  }
});

test("a query with a list of 1,000 constants is accepted", async () => {
  const ids = Array.from({ length: 999 }, (_, index) => `'x-${index}'`);
  const body = { query: `SELECT deviceId FROM devices WHERE deviceId IN [${ids.join(",")},'m-1']` };
  expect((await rest(hub, "POST", "/devices/query", { as, body })).body).toBe('[{"deviceId":"m-1"}]');
});

test.each<[string, unknown, number]>([
  ["a batch of null", [null], 400],
  ["a body that is a number", [{ body: 5 }], 400],
  ["a batch that is no list", { body: "" }, 400],
  ["a member that does not exist", [{ payload: "" }], 400],
  ["more than 256 KB", Array(2).fill({ body: Buffer.alloc(140_000).toString("base64") }), 413],
])(
  "a batch of device events with %s is refused and none of its events is accepted",
  async (name, body, status) => {
    const device = await addDevice(hub, as, `batch-${name.replaceAll(" ", "-")}`);
    const headers = {
      authorization: deviceToken(hub, device),
      "content-type": "application/vnd.microsoft.iothub.json",
    };
    const answer = await rest(hub, "POST", `/devices/${device.id}/messages/events`, { headers, body });
    expect(answer.status).toBe(status);
    expect(hub.hub.telemetry.read("example-hub")).toEqual([]);
  },
);

test("a direct method whose answer has too many levels is a BadDeviceResponse", async () => {
  const raw = new RawDevice(hub, await hub.proxy.listen(0, 8883));
  await raw.connect(await addDevice(hub, as, "m-4"));
  await raw.subscribe("$iothub/methods/POST/#");
  const answer = rest(hub, "POST", "/twins/m-4/methods", { as, body: { methodName: "x" } });
  const asked = await waitFor("the method call", () => raw.published()[0]);
  const requestId = asked.topic.split("$rid=")[1];
  raw.publish(`$iothub/methods/res/200/?$rid=${requestId}`, "[".repeat(60_000) + "]".repeat(60_000));
  expect((await answer).status).toBe(502);
  raw.socket.destroy();
});

test("a bulk call lists each invalid entry and applies the others", async () => {
  const entries = [{ id: "b-1", state: "disabled" }, { id: "b-2", properties: "x" }, null, { id: "b-3" }];
  const answer = await rest(hub, "POST", "/devices", { as, body: entries });
  const { errors } = JSON.parse(answer.body) as { errors: { deviceId: string; errorCode: number }[] };
  expect(errors.map(({ deviceId, errorCode }) => [deviceId, errorCode])).toEqual([
    ["b-1", 400004],
    ["b-2", 400004],
    ["", 400004],
  ]);
  expect((await rest(hub, "GET", "/devices/b-3", { as })).status).toBe(200);
});
