import type deviceSdk from "azure-iot-device";
import type { Check } from "../../check.ts";
import { HubClient } from "../../clients/hub.ts";
import { deviceClient, refusalOf } from "../../clients/iot-sdks.ts";
import { MqttDevice } from "../../clients/mqtt.ts";
import { getOver, getPlain } from "../../clients/tls.ts";
import { sources } from "../sources.ts";

const section = "iot-hub/devices";
const refused = 5;

/** The second name of a hub, for devices: HUB.device.azure-devices.net */
const deviceHost = ({ host }: HubClient) => host.replace(".", ".device.");

/** The hub under its second name. */
const underSecondName = (hub: HubClient) => new HubClient(hub.target, hub.id, deviceHost(hub));

/** TLS, the hub's names, and the official device SDK. */
export const connectionChecks: Check[] = [
  {
    id: "iot-hub/tls-versions",
    section,
    title: "A hub accepts TLS 1.2, and neither TLS 1.0 nor TLS 1.1",
    azure: "The handshake fails; enforced since August 31, 2025.",
    source: sources.hubTls,
    known: "documented",
    async run(t) {
      const { host } = await t.fixture.hub();
      for (const version of ["TLSv1", "TLSv1.1", "TLSv1.2"] as const) {
        const answer = await getOver(t.target, `https://${host}/`, {
          minVersion: version,
          maxVersion: version,
        });
        t.expect(version, answer?.version ?? "refused", version === "TLSv1.2" ? version : "refused");
      }
    },
  },
  {
    id: "iot-hub/tls-suites",
    section,
    title: "A hub accepts the four strong cipher suites of TLS 1.2, and none without forward secrecy",
    azure: "The handshake fails for `TLS_RSA_WITH_AES_128_GCM_SHA256` and `TLS_RSA_WITH_AES_256_CBC_SHA`.",
    source: sources.hubTls,
    known: "documented",
    async run(t) {
      const { host } = await t.fixture.hub();
      const isAccepted = async (ciphers: string) => {
        const only12 = { minVersion: "TLSv1.2", maxVersion: "TLSv1.2", ciphers } as const;
        return (await getOver(t.target, `https://${host}/`, only12)) !== undefined;
      };
      for (const suite of [
        "ECDHE-RSA-AES128-GCM-SHA256",
        "ECDHE-RSA-AES256-GCM-SHA384",
        "ECDHE-RSA-AES128-SHA256",
        "ECDHE-RSA-AES256-SHA384",
      ]) {
        t.expect(suite, await isAccepted(suite), true);
      }
      for (const suite of ["AES128-GCM-SHA256", "AES256-SHA"])
        t.expect(suite, await isAccepted(suite), false);
    },
  },
  {
    id: "iot-hub/tls-1-3",
    section,
    title: "TLS 1.3 is spoken under the hub's second name only",
    azure: "`HUB.device.azure-devices.net` has TLS 1.2 and 1.3, the classic name TLS 1.2.",
    source: sources.hubEndpoints,
    known: "documented",
    async run(t) {
      const hub = await t.fixture.hub();
      const only13 = { minVersion: "TLSv1.3", maxVersion: "TLSv1.3" } as const;
      const over = async (host: string) =>
        (await getOver(t.target, `https://${host}/`, only13))?.version ?? "refused";
      t.expect("second name", await over(deviceHost(hub)), "TLSv1.3");
      t.expect("classic name", await over(hub.host), "refused");
    },
  },
  {
    id: "iot-hub/second-name",
    section,
    title: "A device signs in under the hub's second name, with a token for that name",
    azure: "CONNACK 0; the identity is the same under both names.",
    source: sources.hubEndpoints,
    known: "documented",
    async run(t) {
      const hub = await t.fixture.hub();
      const second = underSecondName(hub);
      const device = await hub.addDevice(t.name);
      await using client = await MqttDevice.signIn(second, device);
      t.expect("telemetry", await client.publish(`devices/${t.name}/messages/events/`, "{}", 1), "puback");
      await hub.change(device, { status: "disabled" });
      t.measure("time from disabling to the end of the connection", await client.closed(600));
      t.expect("a new sign-in", await MqttDevice.codeOf(second, device), refused);
    },
  },
  {
    id: "iot-hub/second-name-token",
    section,
    title: "A token for one name of the hub is refused under the other one",
    azure: "Not documented.",
    source: sources.hubEndpoints,
    known: "inferred",
    differs: "The worse case: CONNACK 5.",
    async run(t) {
      const hub = await t.fixture.hub();
      const device = await hub.addDevice(t.name);
      const password = Buffer.from(hub.token(device));
      t.expect("return code", await MqttDevice.codeOf(underSecondName(hub), device, { password }), refused);
    },
  },
  {
    id: "iot-hub/second-name-service",
    section,
    title: "The service side is refused under the name for devices",
    azure: "Not documented: the page names a third name, `HUB.service.azure-devices.net`, for it.",
    source: sources.hubEndpoints,
    known: "inferred",
    differs: "401 `IotHubUnauthorizedAccess`. `HUB.service.azure-devices.net` is not served.",
    async run(t) {
      const hub = await t.fixture.hub();
      const { status } = await underSecondName(hub).send("GET", `/devices/${t.name}`);
      t.expect("status", status, 401);
    },
  },
  {
    id: "iot-hub/plain-http",
    section,
    title: "A hub is not served without TLS",
    azure: "No answer on port 80, or a refusal.",
    source: sources.hubTls,
    known: "documented",
    async run(t) {
      const { host } = await t.fixture.hub();
      const answer = await getPlain(t.target, host, "/devices/any?api-version=2021-04-12");
      t.expect("is answered", answer !== undefined && answer.status < 400, false);
    },
  },
  {
    id: "iot-hub/sdk-disabled",
    section,
    title: "The official device SDK is disconnected when its device is disabled, and cannot connect again",
    azure: "The event `disconnect`, then `UnauthorizedError`. Azure documents no time; the run measures it.",
    source: sources.hubSdk,
    known: "SDK",
    differs: "After 1 s (`disconnectDelayMs`).",
    async run(t) {
      const hub = await t.fixture.hub();
      const device = await hub.addDevice(t.name);
      const client: deviceSdk.Client = deviceClient(hub, device);
      let isDisconnected = false;
      client.on("disconnect", () => {
        isDisconnected = true;
      });
      client.on("error", () => {});
      await client.open();
      await hub.change(device, { status: "disabled" });
      const ended = await t.until("the disconnection", 600, () => isDisconnected);
      t.measure("time from disabling to the event", ended);
      t.expect("is disconnected", isDisconnected, true);
      const again = deviceClient(hub, device);
      t.expect("a new connection", await refusalOf(again.open()), "UnauthorizedError");
      for (const each of [client, again]) await each.close().catch(() => {});
    },
  },
  {
    id: "iot-hub/disabled-other-calls",
    section,
    title: "A disabled device can send nothing over REST, and a direct method to it is refused",
    azure: "403 `DeviceDisabled` for the device; 404 for the method once the connection has ended.",
    source: sources.hubErrors,
    known: "documented",
    async run(t) {
      const hub = await t.fixture.hub();
      const device = await hub.addDevice(t.name);
      const client = await MqttDevice.signIn(hub, device);
      await hub.change(device, { status: "disabled" });
      await client.closed(600);
      const url = `/devices/${t.name}/messages/events`;
      const post = await hub.send("POST", url, { as: hub.token(device), body: "{}" });
      t.expect("telemetry", [post.status, HubClient.codeOf(post)], [403, "DeviceDisabled"]);
      const body = { methodName: "reboot", responseTimeoutInSeconds: 5 };
      const method = await hub.send("POST", `/twins/${t.name}/methods`, { body });
      t.expect("method", method.status, 404);
    },
  },
];
