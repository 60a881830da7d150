import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Fleet } from "../../../../cli/azure/fleet.ts";
import { mintDeviceKeys } from "../../../../cli/credentials/device-keys.ts";
import { readFleetStatus } from "../../../../cli/fleet-status/fleet-status.ts";
import { readSharedKeys } from "../../../../cli/fleet-status/shared-keys.ts";
import { evaluateAlerts } from "../../../../sandbox/services/monitor/alerts.ts";
import { MonitorData } from "../../../../sandbox/services/monitor/monitor-data.ts";
import { type DeployedFleet, deployFleet } from "../../../support/fleet.ts";
import { waitFor } from "../../../support/wait-for.ts";
import type { HubUnderTest } from "../iot-hub/iot-hub-harness.ts";
import { RawDevice } from "../iot-hub/raw-device.ts";

/* The alerts that the program declares, evaluated over what the sandbox's services log. */

const minuteMs = 60_000;

let fleet: DeployedFleet;
let operator: Fleet;
let data: MonitorData;
let port: number;
const keys = new Map<string, string>();

beforeAll(async () => {
  fleet = await deployFleet();
  operator = await fleet.connect();
  data = new MonitorData(fleet.azure);
  port = await fleet.proxy.listen(0, 8883);
  const ids = Array.from({ length: 8 }, (_, number) => `watched-${number}`);
  const created = ids.map((id) => ({ id, keys: mintDeviceKeys(), tags: { customer: "c", site: "s" } }));
  await operator.registry.create(created);
  for (const each of created) keys.set(each.id, each.keys.primaryKey);
});
afterAll(() => fleet?.[Symbol.asyncDispose]());
// Each test has a window of its own, and a sign-in that is not expired.
beforeEach(async () => {
  fleet.clock.move(20 * minuteMs);
  operator = await fleet.connect();
});

/** Connects with the terminal's key, or with another one. @returns The device and CONNACK's return code. */
async function connect(id: string, key = keys.get(id) ?? "") {
  const hub = { host: fleet.hosts.hub, clock: fleet.clock } as HubUnderTest;
  const raw = new RawDevice(hub, port);
  const { returnCode } = await raw.connect({ id, primaryKey: key } as Parameters<RawDevice["connect"]>[0]);
  return { raw, returnCode };
}

function alert(purpose: string) {
  const found = evaluateAlerts(fleet.azure, data).find(({ name }) => name === `alert-${purpose}-dev`);
  if (!found) throw new Error(`The program declares no alert ${purpose}.`);
  return { value: found.value, isFiring: found.isFiring };
}

const wrongKey = Buffer.alloc(32, 1).toString("base64");

describe("the alert hub-connections-refused", () => {
  // "Troubleshoot Azure IoT Hub error codes": the hub ends a session with 401003 when its SAS token expires.
  test("does not count sessions that end because their token expired", async () => {
    const open = await Promise.all([...keys.keys()].map((id) => connect(id)));
    expect(open.every(({ returnCode }) => returnCode === 0)).toBe(true);
    fleet.clock.move(61 * minuteMs);
    await waitFor("the hub to close all connections", () => open.every(({ raw }) => raw.closed));
    const ended = data
      .readLog("AzureDiagnostics", { sinceMs: fleet.clock.now() - minuteMs })
      .filter(
        ({ ResultType, OperationName }) => ResultType === "401003" && OperationName === "deviceDisconnect",
      );
    expect(ended).toHaveLength(8);
    expect(alert("hub-connections-refused")).toEqual({ value: 0, isFiring: false });
  });

  test("counts a revoked terminal once, however often it tries", async () => {
    await operator.registry.update({ ...(await identity("watched-0")), status: "disabled" });
    for (let attempt = 0; attempt < 8; attempt++) expect((await connect("watched-0")).returnCode).toBe(5);
    expect(alert("hub-connections-refused")).toEqual({ value: 1, isFiring: false });
    await operator.registry.update({ ...(await identity("watched-0")), status: "enabled" });
  });

  test("fires when more than five terminals come with a wrong key, and ends after 15 minutes", async () => {
    for (const id of [...keys.keys()].slice(0, 5)) await connect(id, wrongKey);
    expect(alert("hub-connections-refused")).toEqual({ value: 5, isFiring: false });
    await connect("watched-5", wrongKey);
    expect(alert("hub-connections-refused")).toEqual({ value: 6, isFiring: true });
    fleet.clock.move(15 * minuteMs + 1000);
    expect(alert("hub-connections-refused").isFiring).toBe(false);
  });
});

const identity = async (id: string) => {
  const found = await operator.registry.get(id);
  if (!found) throw new Error(`${id} has no device identity.`);
  return found;
};

describe("two machines with one key", () => {
  /** Machines A and B connect in turn; each closes the connection of the other. */
  async function takeTurns(id: string, turns: number): Promise<void> {
    for (let turn = 0; turn <= turns; turn++) expect((await connect(id)).returnCode).toBe(0);
  }
  const driftOf = async (id: string, troubles: string[] = []) => {
    const sharedKeys = await readSharedKeys(operator.hubLogs, (message) => troubles.push(message));
    for await (const { terminal, drift } of readFleetStatus(operator, { sharedKeys })) {
      if (terminal === id) return drift;
    }
    return undefined;
  };

  test("fire the alert hub-two-machines-one-key, and `status` names their terminal", async () => {
    await takeTurns("watched-1", 6);
    expect(alert("hub-two-machines-one-key")).toEqual({ value: 1, isFiring: true });
    expect(await driftOf("watched-1")).toContain("twoMachines");
    expect(await driftOf("watched-2")).not.toContain("twoMachines");
  });

  test("a terminal that reconnects over a half-open connection does not fire the alert", async () => {
    await takeTurns("watched-3", 3);
    expect(alert("hub-two-machines-one-key")).toEqual({ value: 0, isFiring: false });
    expect(await driftOf("watched-3")).not.toContain("twoMachines");
  });

  test("`status` says that it does not know when the operator may not read the hub's logs", async () => {
    const restore = fleet.withdraw("Reader");
    const troubles: string[] = [];
    expect(await driftOf("watched-1", troubles)).not.toContain("twoMachines");
    restore();
    expect(troubles).toEqual([
      expect.stringMatching(/^It is not known whether two machines use one key: .*InsufficientAccessError/),
    ]);
  });

  test("`status` shows the rest when the log service is away", async () => {
    const remove = fleet.proxy.faults.add({ host: "api.loganalytics.azure.com", drop: "before" });
    const troubles: string[] = [];
    expect(await driftOf("watched-4", troubles)).toBeDefined();
    remove();
    expect(troubles).toHaveLength(1);
  });
});

describe("the gateway's alerts", () => {
  const answer = (status: number, count: number) => {
    const service = fleet.azure.resources.list("Microsoft.ApiManagement/service")[0];
    for (let call = 0; call < count; call++) {
      data.writeMetric(service?.id ?? "", "Requests", { GatewayResponseCode: String(status), ApiId: "flow" });
    }
  };

  test.each([
    ["flow-keys-refused", 401, 40],
    ["flow-lookups-fail", 503, 5],
  ])(
    "%s fires at more than its number of answers with %i, without a line in any log",
    (purpose, status, limit) => {
      answer(200, 100);
      answer(status, limit);
      expect(alert(purpose)).toEqual({ value: limit, isFiring: false });
      answer(status, 1);
      expect(alert(purpose)).toEqual({ value: limit + 1, isFiring: true });
    },
  );
});

test("a refused file link counts for the files account only", async () => {
  await operator.files.ensureContainer("watched-6");
  const { url } = await operator.files.createLink("watched-6", { name: "x", direction: "download" });
  for (let attempt = 0; attempt < 3; attempt++) {
    expect(await operator.files.acceptsLink(url.replace(/sig=[^&]*/, "sig=AAAA"))).toBe(false);
  }
  await waitFor("the log lines", () => alert("file-keys-refused").value === 3);
  expect(alert("import-keys-refused").value).toBe(0);
});
