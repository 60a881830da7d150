import { writeFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { DoctorReport } from "../../../../cli/network/doctor/report.ts";
import { onboardedFleet } from "../../onboarding/onboarding-desk.ts";
import { jsonLines } from "../../run-cli.ts";
import { CustomerNetwork } from "./customer-network.ts";

/* The doctor with the credential bundle of a terminal, from its onboarding to its revocation. */

let setup: Awaited<ReturnType<typeof onboardedFleet>>;
let network: CustomerNetwork;
let list: string;

beforeAll(async () => {
  setup = await onboardedFleet("doctor", 1, { gateway: true });
  network = await CustomerNetwork.start({}, setup.fleet);
  list = setup.folder.file("endpoints.json");
  const destinations = network.list.destinations.filter(({ region }) => region !== null);
  writeFileSync(list, JSON.stringify({ ...network.list, destinations }));
});
afterAll(async () => {
  await network?.[Symbol.asyncDispose]();
  await setup?.close();
});

/** Runs the command with the terminal's bundle; the exit code and the reason of each destination. */
async function check() {
  const { desk } = setup;
  const bundle = ["--hand-over", `${desk.out}/doctor-0.age`, "--identity", desk.writeIdentity()];
  const result = await desk.runInProcess(["doctor", "--endpoints", list, ...bundle, "--json"]);
  const lines = jsonLines(result);
  const report = lines.find(({ type }) => type === "doctor") as unknown as DoctorReport;
  const reasons = Object.fromEntries(report.results.map(({ id, reason }) => [id, reason]));
  return { code: result.code, reasons, report, stdout: result.stdout };
}

const onStack = (...args: string[]) => [...args, "--outputs", setup.desk.outputs];

test("an onboarded terminal signs in to the IoT Hub and the Flow API, and has no file to read", async () => {
  const { code, reasons, report, stdout } = await check();
  expect(reasons).toEqual({
    "iot-hub": "signed-in",
    "iot-hub-second-name": "reached",
    "blob-storage": "no-file-waiting",
    "flow-api": "signed-in",
  });
  expect([code, report.outcome]).toEqual([0, "ok"]);
  const { hub, flow } = await setup.desk.open("doctor-0");
  for (const key of [hub.primaryKey, flow.sharedKey, flow.terminalKey]) expect(stdout).not.toContain(key);
});

test("a terminal with a waiting file reads its first byte", async () => {
  const { desk, folder } = setup;
  writeFileSync(folder.file("employees.csv"), "1001\n");
  const sent = await desk.runInProcess(onStack("send", "doctor-0", folder.file("employees.csv")));
  expect(sent.code, sent.stderr).toBe(0);
  const { code, reasons, stdout } = await check();
  expect(reasons["blob-storage"]).toBe("signed-in");
  expect(code).toBe(0);
  expect(stdout).not.toContain("sig=");
});

test("a credential bundle of another stack is refused, and its keys are sent nowhere", async () => {
  const { desk, folder } = setup;
  const destinations = network.list.destinations.filter(({ service }) => service !== "iot-hub");
  writeFileSync(folder.file("other.json"), JSON.stringify({ ...network.list, destinations }));
  const bundle = `${desk.out}/doctor-0.age`;
  const args = ["--hand-over", bundle, "--identity", desk.writeIdentity()];
  const result = await desk.runInProcess(["doctor", "--endpoints", folder.file("other.json"), ...args]);
  const { hub } = await desk.open("doctor-0");
  expect([result.code, result.stdout]).toEqual([2, ""]);
  expect(result.stderr).toContain(
    `${bundle} is of another stack: its host ${hub.hostName} is not on the list`,
  );
});

test("a revoked terminal ends with exit code 3: the network is in order, and its keys are rejected", async () => {
  const { desk } = setup;
  const revoked = await desk.runInProcess(onStack("revoke", "doctor-0", "--reason", "test", "--yes"));
  expect(revoked.code, revoked.stderr).toBe(0);
  const { code, reasons, report } = await check();
  expect(reasons).toMatchObject({ "iot-hub": "keys-rejected", "flow-api": "keys-rejected" });
  expect([code, report.outcome]).toEqual([3, "keys-rejected"]);
});
