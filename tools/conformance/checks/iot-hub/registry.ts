import type { Check } from "../../check.ts";
import { bearer } from "../../clients/http.ts";
import { HubClient, newKey } from "../../clients/hub.ts";
import { sources } from "../sources.ts";

const section = "iot-hub/registry";

/** Identities of devices: create, change, refuse, delete. */
export const registryChecks: Check[] = [
  {
    id: "iot-hub/identity-create",
    section,
    title: "A new identity is enabled and disconnected, with an ETag and a generation ID",
    azure: "PUT without `If-Match` is a 200 with the whole identity.",
    source: sources.hubRegistry,
    known: "documented",
    async run(t) {
      const hub = await t.fixture.hub();
      const { status, json } = await hub.send("PUT", `/devices/${t.name}`, { body: { deviceId: t.name } });
      t.expect("status", status, 200);
      t.expect("state", [json.status, json.connectionState], ["enabled", "Disconnected"]);
      t.expect("has an ETag", typeof json.etag === "string" && json.etag.length > 0, true);
      t.expect("has a generation ID", /^\d+$/.test(json.generationId), true);
      const keys = Object.values(json.authentication?.symmetricKey ?? {}) as string[];
      t.expect(
        "bytes of the generated keys",
        keys.map((key) => Buffer.from(key, "base64").length),
        [32, 32],
      );
    },
  },
  {
    id: "iot-hub/identity-exists",
    section,
    title: "An identity that exists cannot be created again",
    azure: "PUT without `If-Match` is a 409 `DeviceAlreadyExists`.",
    source: sources.hubErrors,
    known: "documented",
    async run(t) {
      const hub = await t.fixture.hub();
      await hub.addDevice(t.name);
      const again = await hub.send("PUT", `/devices/${t.name}`, { body: { deviceId: t.name } });
      t.expect("answer", [again.status, HubClient.codeOf(again)], [409, "DeviceAlreadyExists"]);
    },
  },
  {
    id: "iot-hub/identity-missing",
    section,
    title: "A read of an identity that does not exist is refused",
    azure: "404 with `iothub-errorcode: DeviceNotFound`, and a body with `Message` and `ExceptionMessage`.",
    source: sources.hubErrors,
    known: "documented",
    async run(t) {
      const hub = await t.fixture.hub();
      const answer = await hub.send("GET", `/devices/${t.name}`);
      t.expect("answer", [answer.status, HubClient.codeOf(answer)], [404, "DeviceNotFound"]);
      t.expect("members of the body", Object.keys(answer.json ?? {}).sort(), ["ExceptionMessage", "Message"]);
      t.expect("code in the message", /^ErrorCode:DeviceNotFound;/.test(answer.json?.Message ?? ""), true);
    },
  },
  {
    id: "iot-hub/identity-update-missing",
    section,
    title: "An update of an identity that does not exist is refused",
    azure: "PUT with `If-Match: *` is a 404 `DeviceNotFound`.",
    source: sources.liveHub,
    known: "recorded",
    async run(t) {
      const hub = await t.fixture.hub();
      const answer = await hub.send("PUT", `/devices/${t.name}`, {
        headers: { "if-match": "*" },
        body: { deviceId: t.name },
      });
      t.expect("answer", [answer.status, HubClient.codeOf(answer)], [404, "DeviceNotFound"]);
    },
  },
  {
    id: "iot-hub/identity-stale-etag",
    section,
    title: "An update with an old ETag is refused",
    azure: '412 `PreconditionFailed` for `If-Match: "old"`; 200 for the current ETag.',
    source: sources.hubErrors,
    known: "documented",
    async run(t) {
      const hub = await t.fixture.hub();
      await hub.addDevice(t.name);
      const { json } = await hub.send("GET", `/devices/${t.name}`);
      const put = (etag: string) =>
        hub.send("PUT", `/devices/${t.name}`, {
          headers: { "if-match": `"${etag}"` },
          body: { deviceId: t.name, status: "disabled" },
        });
      const stale = await put("AAAAAAAAAAE=");
      t.expect("old ETag", [stale.status, HubClient.codeOf(stale)], [412, "PreconditionFailed"]);
      t.expect("current ETag", (await put(json.etag)).status, 200);
    },
  },
  {
    id: "iot-hub/identity-delete",
    section,
    title: "Deleting an identity needs a condition",
    azure: "DELETE without `If-Match` is a 412 `PreconditionFailed`; with `*` a 204, and then 404.",
    source: sources.liveHub,
    known: "recorded",
    async run(t) {
      const hub = await t.fixture.hub();
      await hub.addDevice(t.name);
      const bare = await hub.send("DELETE", `/devices/${t.name}`);
      t.expect("without If-Match", [bare.status, HubClient.codeOf(bare)], [412, "PreconditionFailed"]);
      t.expect("with *", (await hub.remove(t.name)).status, 204);
      t.expect("again", (await hub.remove(t.name)).status, 404);
      t.expect("read", (await hub.send("GET", `/devices/${t.name}`)).status, 404);
    },
  },
  {
    id: "iot-hub/identity-new-keys",
    section,
    title: "An update without `authentication` replaces both keys of the device",
    azure: "200 with two new keys of 32 bytes.",
    source: sources.liveHub,
    known: "recorded",
    async run(t) {
      const hub = await t.fixture.hub();
      const device = await hub.addDevice(t.name);
      const { status, json } = await hub.send("PUT", `/devices/${t.name}`, {
        headers: { "if-match": "*" },
        body: { deviceId: t.name },
      });
      t.expect("status", status, 200);
      const { primaryKey, secondaryKey } = json.authentication.symmetricKey;
      t.expect(
        "keys are kept",
        [primaryKey === device.primaryKey, secondaryKey === device.secondaryKey],
        [false, false],
      );
    },
  },
  {
    id: "iot-hub/identity-status-time",
    section,
    title: "Disabling an identity sets the time of its status, and keeps its generation",
    azure: "`statusUpdatedTime` and the ETag change, `generationId` stays, `statusReason` is stored.",
    source: sources.hubRegistry,
    known: "documented",
    async run(t) {
      const hub = await t.fixture.hub();
      const device = await hub.addDevice(t.name);
      const before = (await hub.send("GET", `/devices/${t.name}`)).json;
      const after = await hub.change(device, { status: "disabled", statusReason: "lost" });
      t.expect("status", [after.status, after.statusReason], ["disabled", "lost"]);
      t.expect("time is new", after.statusUpdatedTime > before.statusUpdatedTime, true);
      t.expect("same generation", after.generationId === before.generationId, true);
      t.expect("same ETag", after.etag === before.etag, false);
    },
  },
  {
    id: "iot-hub/identity-key-length",
    section,
    title: "Device keys have 16 to 64 bytes",
    azure: "400 `ArgumentInvalid` for 15 and 65 bytes; 200 for 16 and 64.",
    source: sources.hubRegistry,
    known: "documented",
    async run(t) {
      const hub = await t.fixture.hub();
      for (const [bytes, status] of [
        [15, 400],
        [16, 200],
        [64, 200],
        [65, 400],
      ] as const) {
        const deviceId = `${t.name}-${bytes}`;
        const symmetricKey = { primaryKey: newKey(bytes), secondaryKey: newKey(bytes) };
        const body = { deviceId, authentication: { type: "sas", symmetricKey } };
        const answer = await hub.send("PUT", `/devices/${deviceId}`, { body });
        t.expect(`${bytes} bytes`, answer.status, status);
      }
    },
  },
  {
    id: "iot-hub/identity-one-key",
    section,
    title: "An identity with one key alone is refused",
    azure: "400 `ArgumentInvalid`.",
    source: sources.liveHub,
    known: "recorded",
    async run(t) {
      const hub = await t.fixture.hub();
      const authentication = { type: "sas", symmetricKey: { primaryKey: newKey() } };
      const body = { deviceId: t.name, authentication };
      const answer = await hub.send("PUT", `/devices/${t.name}`, { body });
      t.expect("answer", [answer.status, HubClient.codeOf(answer)], [400, "ArgumentInvalid"]);
    },
  },
  {
    id: "iot-hub/identity-id",
    section,
    title: "A device ID has 128 characters at most, of a fixed set",
    azure: "400 `ArgumentInvalid` for 129 characters and for `a b`; 200 for 128.",
    source: sources.hubRegistry,
    known: "documented",
    async run(t) {
      const hub = await t.fixture.hub();
      const put = async (deviceId: string) =>
        (await hub.send("PUT", `/devices/${encodeURIComponent(deviceId)}`, { body: { deviceId } })).status;
      t.expect("128 characters", await put(t.name.padEnd(128, "x")), 200);
      t.expect("129 characters", await put(t.name.padEnd(129, "x")), 400);
      t.expect("a space", await put(`${t.name} b`), 400);
    },
  },
  {
    id: "iot-hub/identity-other-id",
    section,
    title: "The device ID in the body must be that of the path",
    azure: "400 `ArgumentInvalid`.",
    source: sources.hubRest,
    known: "inferred",
    async run(t) {
      const hub = await t.fixture.hub();
      const answer = await hub.send("PUT", `/devices/${t.name}`, { body: { deviceId: `${t.name}-other` } });
      t.expect("answer", [answer.status, HubClient.codeOf(answer)], [400, "ArgumentInvalid"]);
    },
  },
  {
    id: "iot-hub/registry-list",
    section,
    title: "A list of identities shows a new device at once, and a deleted one no more",
    azure: "GET /devices reads the registry, not the index of queries.",
    source: sources.hubRegistry,
    known: "inferred",
    async run(t) {
      const hub = await t.fixture.hub();
      await hub.addDevice(t.name);
      const listed = async () =>
        (await hub.send("GET", "/devices?top=1000")).json.some(
          ({ deviceId }: { deviceId: string }) => deviceId === t.name,
        );
      t.expect("after the creation", await listed(), true);
      await hub.remove(t.name);
      t.expect("after the deletion", await listed(), false);
    },
  },
  {
    id: "iot-hub/registry-bulk",
    section,
    title: "A bulk call reports each device that it refuses",
    azure:
      "400 with `isSuccessful: false`, and an error with the device's ID and the code `DeviceAlreadyExists`; the others are created.",
    source: sources.liveHub,
    known: "recorded",
    async run(t) {
      const hub = await t.fixture.hub();
      await hub.addDevice(t.name);
      const body = [t.name, `${t.name}-2`].map((id) => ({ id, importMode: "create" }));
      const answer = await hub.send("POST", "/devices", { body });
      t.expect("status", [answer.status, answer.json?.isSuccessful], [400, false]);
      const errors = (answer.json?.errors ?? []) as { deviceId: string }[];
      t.expect(
        "refused devices",
        errors.map(({ deviceId }) => deviceId === t.name),
        [true],
      );
      t.expect("the other", (await hub.send("GET", `/devices/${t.name}-2`)).status, 200);
    },
  },
  {
    id: "iot-hub/registry-no-token",
    section,
    title: "A call without a token is refused",
    azure: "401 `IotHubUnauthorized`.",
    source: sources.hubErrors,
    known: "documented",
    async run(t) {
      const hub = await t.fixture.hub();
      const answer = await hub.send("GET", `/devices/${t.name}`, { as: "anonymous" });
      t.expect("status", answer.status, 401);
    },
  },
  {
    id: "iot-hub/registry-other-audience",
    section,
    title: "A token for another service is refused",
    azure: "A token of Azure Storage is a 401.",
    source: sources.hubAccess,
    known: "documented",
    async run(t) {
      const hub = await t.fixture.hub();
      const { authorization } = await bearer(t.target, "https://storage.azure.com/.default");
      t.expect("status", (await hub.send("GET", `/devices/${t.name}`, { as: authorization })).status, 401);
    },
  },
  {
    id: "iot-hub/registry-version",
    section,
    title: "An unknown API version is refused",
    azure: "400 `InvalidProtocolVersion`.",
    source: sources.hubErrors,
    known: "documented",
    async run(t) {
      const hub = await t.fixture.hub();
      const answer = await hub.send("GET", `/devices/${t.name}`, { version: "1999-01-01" });
      t.expect("answer", [answer.status, HubClient.codeOf(answer)], [400, "InvalidProtocolVersion"]);
    },
  },
];
