import { DatabaseSync, StatementSync } from "node:sqlite";
import { expect, test, vi } from "vitest";
import { ConnectionLog } from "../../../../sandbox/services/iot-hub/device/connection-log.ts";
import {
  Connections,
  type DeviceConnection,
} from "../../../../sandbox/services/iot-hub/device/connections.ts";
import type { Hub } from "../../../../sandbox/services/iot-hub/hub.ts";
import { DeviceTable } from "../../../../sandbox/services/iot-hub/registry/device-table.ts";
import { waitFor } from "../../../support/wait-for.ts";
import { type HubUnderTest, startHub } from "./iot-hub-harness.ts";
import { type Device, newKey } from "./official-device.ts";
import { RawDevice } from "./raw-device.ts";

const others = 60;

/** Counts statements and commits. Those of the checks that a timer makes ten times a second do not count. */
class StatementCounter implements Disposable {
  statements = 0;
  commits = 0;
  private readonly spies: { mockRestore(): void }[];

  constructor() {
    const counter = this;
    const methods = (["run", "get", "all"] as const).map((method) => {
      const original = StatementSync.prototype[method];
      return vi.spyOn(StatementSync.prototype, method).mockImplementation(function (
        this: StatementSync,
        ...args
      ) {
        if (!/iothub_(c2d|feedback)/.test(this.sourceSQL)) counter.statements++;
        return Reflect.apply(original, this, args) as never;
      });
    });
    const exec = DatabaseSync.prototype.exec;
    const commits = vi.spyOn(DatabaseSync.prototype, "exec").mockImplementation(function (
      this: DatabaseSync,
      sql,
    ) {
      if (sql === "COMMIT") counter.commits++;
      return Reflect.apply(exec, this, [sql]);
    });
    this.spies = [...methods, commits];
  }

  [Symbol.dispose](): void {
    for (const spy of this.spies) spy.mockRestore();
  }
}

/** Connects a device as the SDKs do, reads its twin and reports a property. @returns The work of that. */
async function useOnce(hub: HubUnderTest, port: number, device: Device) {
  const before = hub.hub.connected();
  using counter = new StatementCounter();
  const client = new RawDevice(hub, port);
  expect((await client.connect(device, { clean: false })).returnCode).toBe(0);
  const connected = { statements: counter.statements, commits: counter.commits };
  await client.subscribe("$iothub/twin/res/#");
  client.publish("$iothub/twin/GET/?$rid=1", "");
  await waitFor("the twin", () => client.published().length === 1);
  client.publish("$iothub/twin/PATCH/properties/reported/?$rid=2", '{"version":"1"}');
  await waitFor("the answer to the report", () => client.published().length === 2);
  client.socket.destroy();
  await waitFor("the end of the connection", () => hub.hub.connected() === before);
  return { connected, statements: counter.statements, commits: counter.commits };
}

test("a connection, a twin read and a report need the same statements and commits with 60 other connections", async () => {
  await using hub = await startHub();
  const devices = Array.from({ length: others + 3 }, (_, n) => ({ id: `t-${n}`, primaryKey: newKey() }));
  for (const device of devices) {
    const entry = { ...device, status: "enabled" as const, secondaryKey: newKey() };
    expect(hub.hub.writeDevice(hub.host, entry)).toBeUndefined();
  }
  const port = await hub.proxy.listen(0, 8883);
  const [first, second, third, ...crowd] = devices as [Device, Device, Device, ...Device[]];
  // The first connection of all also reads where the hub sends its logs.
  await useOnce(hub, port, first);
  const alone = await useOnce(hub, port, second);
  const connections = await Promise.all(
    crowd.map(async (device) => {
      const connection = new RawDevice(hub, port);
      await connection.connect(device);
      return connection;
    }),
  );
  const among = await useOnce(hub, port, third);
  expect(among).toEqual(alone);
  expect(alone.connected.commits).toBe(1);
  for (const { socket } of connections) socket.destroy();
});

test("the hub looks through its connections only when a token can have expired", async () => {
  await using hub = await startHub();
  const connections = new Connections(
    hub.azure,
    new DeviceTable(hub.azure.store),
    new ConnectionLog(hub.azure),
  );
  let reads = 0;
  const closed: string[] = [];
  const connection = (deviceId: string, expires: number): DeviceConnection => ({
    hub: { key: "example-hub", name: "example-hub", host: hub.host, resourceId: hub.resourceId } as Hub,
    deviceId,
    generation: "",
    get expires() {
      reads++;
      return expires;
    },
    authScope: "device",
    sendMessages: () => {},
    sendDesired: () => {},
    callMethod: () => false,
    close: () => closed.push(deviceId),
  });
  for (let n = 0; n < 100; n++) connections.open(connection(`t-${n}`, 1000 + n));
  reads = 0;
  for (let now = 0; now < 1000; now++) connections.closeExpired(now);
  expect(reads).toBe(0);
  connections.closeExpired(1001);
  expect(closed).toEqual(["t-0", "t-1"]);
  reads = 0;
  connections.closeExpired(1001);
  expect(reads).toBe(0);
  connections.closeExpired(1002);
  expect(closed).toEqual(["t-0", "t-1", "t-2"]);
});
