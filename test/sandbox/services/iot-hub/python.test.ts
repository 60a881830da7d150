import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import iothub from "azure-iothub";
import { expect, test } from "vitest";
import { waitFor } from "../../../support/wait-for.ts";
import { rest, routeHubsTo, startHub } from "./iot-hub-harness.ts";
import { addDevice, Message, noRetry } from "./official-device.ts";
import { hasPython, installPythonSdk } from "./python-sdk.ts";

test.skipIf(!hasPython)(
  "a device on the official Python SDK sends and receives everything, reconnects, and is disconnected when disabled",
  { timeout: 240_000 },
  async () => {
    const python = await installPythonSdk();
    await using hub = await startHub({ disconnectDelayMs: 200 });
    const as = hub.principal("IoT Hub Data Contributor");
    const device = await addDevice(hub, as, "python-1");
    const events: Record<string, unknown>[] = [];
    const child = spawn(python, [join(import.meta.dirname, "iot_hub_device.py")], {
      env: {
        ...process.env,
        DEVICE_ID: device.id,
        DEVICE_KEY: device.primaryKey,
        HUB_HOST: hub.host,
        PROXY_PORT: new URL(hub.proxy.url).port,
        CA_FILE: hub.proxy.caFile,
      },
      stdio: ["pipe", "pipe", "ignore"],
    });
    createInterface({ input: child.stdout }).on("line", (line) => events.push(JSON.parse(line)));
    /** The event of this name that the device printed as its first, second and so on. */
    const printed = (event: string, count = 1) =>
      waitFor(`event ${count} of the kind "${event}" from Python`, () => {
        return events.filter((candidate) => candidate.event === event)[count - 1];
      });
    using routes = await routeHubsTo(hub.proxy);
    try {
      await printed("ready");
      expect((await printed("twin")).twin).toMatchObject({ desired: { $version: 1 } });
      const first = hub.hub.telemetry.read("example-hub")[0]!;
      expect(first.body.toString()).toBe("hello from Python");
      const twin = JSON.parse((await rest(hub, "GET", "/twins/python-1", { as })).body);
      expect(twin).toMatchObject({
        connectionState: "Connected",
        properties: { reported: { firmware: "py-1" } },
      });

      const service = iothub.Client.fromTokenCredential(hub.host, as as never, iothub.AmqpWs as never);
      service.setRetryPolicy(noRetry as never);
      const message = new Message("an offer");
      message.messageId = "m-1";
      message.properties.add("kind", "offer & more");
      await service.send("python-1", message as never);
      expect(await printed("message")).toMatchObject({
        id: "m-1",
        body: "an offer",
        properties: { kind: "offer & more" },
      });
      await service.close();

      await rest(hub, "PATCH", "/twins/python-1", {
        as,
        body: { properties: { desired: { interval: 60 } } },
      });
      expect((await printed("desired")).patch).toEqual({ interval: 60, $version: 2 });
      const call = { methodName: "reboot", payload: { delay: 1 } };
      const answer = await rest(hub, "POST", "/twins/python-1/methods", { as, body: call });
      expect(JSON.parse(answer.body)).toEqual({ status: 202, payload: { got: { delay: 1 } } });

      hub.hub.dropConnections();
      await printed("disconnected");
      await printed("connected", 2);
      child.stdin.write("send\n");
      await printed("sent");
      expect(hub.hub.telemetry.count("example-hub")).toBe(2);

      const { primaryKey, secondaryKey } = device;
      const authentication = { symmetricKey: { primaryKey, secondaryKey } };
      await hub.registry(as).update({ deviceId: "python-1", status: "disabled", authentication });
      await printed("disconnected", 2);
      await waitFor("the hub to refuse the device's next connection", () =>
        hub.logged.some((line) => line.includes("refused python-1: DeviceDisabled")),
      );
      expect(hub.hub.connected()).toBe(0);
    } finally {
      child.stdin.end();
      child.kill();
      routes[Symbol.dispose]();
    }
  },
);
