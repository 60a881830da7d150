import { execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import iothub from "azure-iothub";
import { expect, test } from "vitest";
import { rest, routeHubsTo, startHub, until } from "./iot-hub-harness.ts";
import { addDevice, Message, noRetry } from "./official-device.ts";

const run = promisify(execFile);
const sdkRequirement = "azure-iot-device==2.14.0";
const folder = join(import.meta.dirname, "../../../../node_modules/.cache/python-device-sdk-2.14.0");
const python = join(folder, process.platform === "win32" ? "Scripts/python.exe" : "bin/python");
const systemPython = process.platform === "win32" ? "python" : "python3";
const hasPython = await run(systemPython, ["--version"]).then(
  () => true,
  () => false,
);

/** The official Python SDK in a virtual environment of its own, kept between runs. */
async function installSdk(): Promise<void> {
  if (existsSync(join(folder, "installed"))) return;
  await run(systemPython, ["-m", "venv", "--clear", folder]);
  await run(python, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", sdkRequirement]);
  await run(python, ["-c", "open(__import__('sys').argv[1], 'w').close()", join(folder, "installed")]);
}

test.skipIf(!hasPython)(
  "the official Python SDK connects, sends, gets messages, twins and methods, reconnects, and is revoked",
  { timeout: 180_000 },
  async () => {
    await installSdk();
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
    const told = (event: string, count = 1) =>
      until(() => {
        const found = events.filter((candidate) => candidate.event === event);
        return found.length >= count && found[count - 1];
      }, 30_000);
    using routes = await routeHubsTo(hub.proxy);
    try {
      await told("ready");
      expect((await told("twin")).twin).toMatchObject({ desired: { $version: 1 } });
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
      expect(await told("message")).toMatchObject({
        id: "m-1",
        body: "an offer",
        properties: { kind: "offer & more" },
      });
      await service.close();

      await rest(hub, "PATCH", "/twins/python-1", {
        as,
        body: { properties: { desired: { interval: 60 } } },
      });
      expect((await told("desired")).patch).toEqual({ interval: 60, $version: 2 });
      const call = { methodName: "reboot", payload: { delay: 1 } };
      const answer = await rest(hub, "POST", "/twins/python-1/methods", { as, body: call });
      expect(JSON.parse(answer.body)).toEqual({ status: 202, payload: { got: { delay: 1 } } });

      hub.hub.dropConnections();
      await told("disconnected");
      await told("connected", 2);
      child.stdin.write("send\n");
      await told("sent");
      expect(hub.hub.telemetry.count("example-hub")).toBe(2);

      const { primaryKey, secondaryKey } = device;
      const authentication = { symmetricKey: { primaryKey, secondaryKey } };
      await hub.registry(as).update({ deviceId: "python-1", status: "disabled", authentication });
      await told("disconnected", 2);
      // It goes on trying to come back, and is refused.
      await until(() => hub.logged.some((line) => line.includes("refused python-1: DeviceDisabled")), 30_000);
      expect(hub.hub.connected()).toBe(0);
    } finally {
      child.stdin.end();
      child.kill();
      routes[Symbol.dispose]();
    }
  },
);
