import { mkdirSync, writeFileSync } from "node:fs";
import { BlobClient } from "@azure/storage-blob";
import device from "azure-iot-device";
import { MqttWs } from "azure-iot-device-mqtt";
import { afterAll, expect, test } from "vitest";
import { webSocketAgent } from "../../../cli/azure/agents.ts";
import { blobPipeline } from "../../../cli/azure/blob-pipeline.ts";
import type { CredentialBundle } from "../../../cli/credentials/credential-bundle.ts";
import { mintDeviceKeys } from "../../../cli/credentials/device-keys.ts";
import { sendFile } from "../../../cli/file-exchange/exchange.ts";
import { selectTerminals } from "../../../cli/lifecycle/select-terminals.ts";
import { batchOf, Desk, onboardedFleet } from "../onboarding/onboarding-desk.ts";
import { jsonLines } from "../run-cli.ts";

const { fleet, operator, folder, desk, close } = await onboardedFleet("revoked", 8);
afterAll(close);

const revoke = (terminal: string, ...more: string[]) =>
  desk.runInProcess(["revoke", terminal, "--outputs", desk.outputs, "--reason", "stolen", "--json", ...more]);

/** An open MQTT connection of a terminal with the official SDK, without reconnecting. */
async function connectDevice({
  hub,
}: CredentialBundle): Promise<{ ended: Promise<unknown>; close(): Promise<void> }> {
  const client = device.Client.fromConnectionString(
    `HostName=${hub.hostName};DeviceId=${hub.deviceId};SharedAccessKey=${hub.primaryKey}`,
    MqttWs,
  );
  await client.setOptions({
    mqtt: { webSocketAgent: webSocketAgent(fleet.network, `https://${hub.hostName}`) },
  });
  client.setRetryPolicy({ shouldRetry: () => false, nextRetryTimeout: () => 0 } as never);
  const ended = new Promise((resolve) => client.on("disconnect", resolve));
  await client.open();
  return { ended, close: () => client.close().then(() => {}) };
}

test("revoke closes all three access paths of a connected terminal, and none of another terminal", async () => {
  const handover = await desk.open("revoked-0");
  const live = await connectDevice(handover);
  const { url } = await operator.files.createLink("revoked-0", {
    name: "employees.csv",
    direction: "download",
  });
  expect(await operator.files.acceptsLink(url)).toBe(true);

  const result = await revoke("revoked-0", "--yes");
  expect(result.code, result.stdout).toBe(0);
  expect(jsonLines(result)).toHaveLength(4);
  expect(jsonLines(result).at(-1)).toMatchObject({ type: "revoked", terminals: 1, closed: 1, open: 0 });
  for (const door of ["hub", "files", "flow"]) {
    expect(jsonLines(result)).toContainEqual(expect.objectContaining({ type: "door", door, closed: true }));
  }
  await live.ended;
  const identity = await operator.registry.get("revoked-0");
  expect(identity).toMatchObject({
    status: "disabled",
    statusReason: "stolen",
    connectionState: "Disconnected",
  });
  const keys = Object.values(identity?.authentication.symmetricKey ?? {});
  expect(keys).not.toContain(handover.hub.primaryKey);
  await expect(connectDevice(handover)).rejects.toThrow();
  expect(await operator.files.acceptsLink(url)).toBe(false);
  expect(await operator.flowKeys.get("example-customer", "revoked-0")).toMatchObject({ status: "revoked" });

  const neighbour = await desk.expectOnboarded(operator, "revoked-1");
  await (await connectDevice(neighbour)).close();
});

test("revoking a revoked terminal again exits 0, and onboarding its batch again keeps it revoked", async () => {
  expect((await revoke("revoked-2", "--yes")).code).toBe(0);
  expect((await revoke("revoked-2", "--yes")).code).toBe(0);
  const again = await desk.onboard();
  expect(again.code).toBe(1);
  expect(again.stderr).toContain("revoked-2: its Flow key is revoked");
  expect(await operator.registry.get("revoked-2")).toMatchObject({ status: "disabled" });
  expect(await operator.files.hasPolicy("revoked-2")).toBe(false);
});

test("revoke reports an access path that cannot be closed, and closes the others", async () => {
  const giveBack = fleet.withdraw("Storage Table Data Contributor");
  try {
    const result = await revoke("revoked-3", "--yes");
    expect(result.code).toBe(3);
    const lines = jsonLines(result);
    expect(lines).toContainEqual(expect.objectContaining({ door: "hub", closed: true }));
    expect(lines).toContainEqual(expect.objectContaining({ door: "files", closed: true }));
    expect(lines).toContainEqual(expect.objectContaining({ door: "flow", closed: false }));
    expect(lines.at(-1)).toMatchObject({
      type: "error",
      message: "revoked-3 still has access through: flow",
    });
  } finally {
    giveBack();
  }
  expect((await revoke("revoked-3", "--yes")).code).toBe(0);
  expect(await operator.flowKeys.get("example-customer", "revoked-3")).toMatchObject({ status: "revoked" });
});

test("revoke succeeds when the response to disabling the identity is lost", async () => {
  fleet.proxy.faults.add({ host: "*.azure-devices.net", method: "PUT", drop: "after", first: 1 });
  try {
    const result = await revoke("revoked-4", "--yes");
    expect(result.code, result.stdout).toBe(0);
  } finally {
    fleet.proxy.faults.clear();
  }
  expect(await operator.registry.get("revoked-4")).toMatchObject({ status: "disabled" });
});

test("revoke finds the Flow key row of a terminal without a device identity", async () => {
  await operator.flowKeys.add(
    "other-customer",
    new Map([
      [
        "forgotten",
        {
          currentKeySha256: "x",
          previousKeySha256: "",
          status: "active",
          site: "A",
          keyCreatedAt: "2026-01-01",
          sharedKeySha256: "",
        },
      ],
    ]),
  );
  const result = await revoke("forgotten", "--yes");
  expect(result.code, result.stdout).toBe(0);
  expect(await operator.flowKeys.get("other-customer", "forgotten")).toMatchObject({ status: "revoked" });
});

test("revoke without --yes and without a terminal for the prompt exits 2 and changes nothing", async () => {
  const result = await revoke("revoked-1");
  expect(result.code).toBe(2);
  expect(await operator.registry.get("revoked-1")).toMatchObject({ status: "enabled" });
});

test("revoking a terminal that no service knows fails with NoSuchTerminal", async () => {
  const result = await revoke("revoked-99", "--yes");
  expect(result.code).toBe(1);
  expect(jsonLines(result).at(-1)).toMatchObject({ type: "error", code: "NoSuchTerminal" });
});

test("revoke reports a connection that stays open, and a second run verifies that it is closed", async () => {
  const handover = await desk.open("revoked-5");
  const live = await connectDevice(handover);
  const first = await revoke("revoked-5", "--yes", "--wait", "0");
  expect(first.code).toBe(1);
  const hub = jsonLines(first).find(({ door }) => door === "hub");
  expect(hub).toMatchObject({ closed: false, error: { code: "StillConnected" } });
  expect(await operator.registry.get("revoked-5")).toMatchObject({ status: "disabled" });
  expect((await revoke("revoked-5", "--yes")).code).toBe(0);
  await live.ended;
});

test("revoke closes all terminals of a site, and then all of the customer", async () => {
  mkdirSync(folder.file("other"));
  const other = await Desk.at(fleet, folder.file("other"), batchOf("closing", 6, "closing-customer"));
  expect((await other.onboard()).code).toBe(0);
  const args = [
    "revoke",
    "--outputs",
    other.outputs,
    "--reason",
    "closed",
    "--json",
    "--customer",
    "closing-customer",
  ];
  const site = await other.run([...args, "--site", "Site 1", "--yes"]);
  expect(site.code, site.stdout).toBe(0);
  expect(jsonLines(site).at(-1)).toMatchObject({ type: "revoked", terminals: 3, closed: 3 });
  expect(await operator.registry.get("closing-1")).toMatchObject({
    status: "disabled",
    statusReason: "closed",
  });
  expect(await operator.registry.get("closing-0")).toMatchObject({ status: "enabled" });
  // A terminal without an identity is included: it has a Flow key row of the customer.
  await operator.registry.delete("closing-0");
  const all = await other.run([...args, "--yes"]);
  expect(all.code, all.stdout).toBe(0);
  expect(jsonLines(all).at(-1)).toMatchObject({ terminals: 6, closed: 6, open: 0 });
  for (let number = 0; number < 6; number++) {
    const row = await operator.flowKeys.get("closing-customer", `closing-${number}`);
    expect(row).toMatchObject({ status: "revoked" });
  }
});

test("revoke --file deletes the file and its offer, and the terminal keeps working", async () => {
  const file = folder.file("employees.csv");
  writeFileSync(file, "1001;Example");
  const { id, offer } = await sendFile(operator, "revoked-6", file, {});
  const result = await revoke("revoked-6", "--file", id, "--yes");
  expect(result.code, result.stdout).toBe(0);
  const answer = await new BlobClient(offer.url, blobPipeline(fleet.network)).exists();
  expect(answer).toBe(false);
  expect(await operator.offers.list("revoked-6")).toEqual([]);
  await desk.expectOnboarded(operator, "revoked-6");
  const again = await revoke("revoked-6", "--file", id, "--yes");
  expect(again.code).toBe(1);
  expect(again.stdout).toContain("has no offer");
});

test("revoke --customer ignores a deleted terminal that the query index still lists", async () => {
  await operator.registry.create([
    { id: "gone-1", keys: mintDeviceKeys(), tags: { customer: "gone-customer", site: "A" } },
  ]);
  // An IoT Hub lists deleted devices for up to 25 minutes.
  const listed = JSON.stringify([{ deviceId: "gone-1" }, { deviceId: "gone-2" }]);
  const answer = { status: 200, headers: { "content-type": "application/json" }, body: listed };
  const stop = fleet.proxy.faults.add({ host: "*.azure-devices.net", path: "/devices/query*", answer });
  const result = await desk.runInProcess([
    "revoke",
    "--customer",
    "gone-customer",
    "--reason",
    "closed",
    "--yes",
    "--outputs",
    desk.outputs,
  ]);
  stop();
  expect(result.code, result.stderr).toBe(0);
  expect(result.stderr).toContain("gone-2 no longer exists in any service");
  expect((await operator.registry.get("gone-1"))?.status).toBe("disabled");
});

test("selecting a site finds a terminal that only has a Flow key row", async () => {
  const row = await operator.flowKeys.get("example-customer", "revoked-7");
  if (!row) throw new Error("revoked-7 has no row");
  await operator.flowKeys.put("fresh-customer", "fresh-1", { ...row, site: "Annex" });
  const { terminals, customers } = await selectTerminals(operator, {
    customer: "fresh-customer",
    site: "Annex",
  });
  const place = { customer: "fresh-customer", site: "Annex" };
  expect([[...terminals], [...customers]]).toEqual([[["fresh-1", place]], [["fresh-1", ["fresh-customer"]]]]);
  expect([...(await selectTerminals(operator, { site: "Annex" })).terminals]).toEqual([["fresh-1", place]]);
});
