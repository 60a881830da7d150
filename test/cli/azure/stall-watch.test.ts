import { afterAll, beforeAll, expect, test } from "vitest";
import { StallWatch } from "../../../cli/azure/stall-watch.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { type DeployedFleet, deployFleet } from "../fleet-harness.ts";
import { batchOf, Desk } from "../onboarding/onboarding-desk.ts";

let fleet: DeployedFleet;

beforeAll(async () => {
  fleet = await deployFleet();
});
afterAll(() => fleet?.[Symbol.asyncDispose]());

test("an outage is reported once, after five seconds without an answer, and so is its end", () => {
  const lines: string[] = [];
  let now = 0;
  const watch = new StallWatch(
    (line) => lines.push(line),
    () => now,
  );
  const fails = (at: number, host = "a.example") => {
    now = at;
    watch.failed(host, "HTTP 503");
  };
  fails(0);
  fails(4_000);
  watch.answered("a.example");
  fails(4_500);
  fails(7_000, "b.example");
  fails(9_000);
  expect(lines).toEqual([]);
  fails(9_500);
  fails(20_000);
  expect(lines).toEqual(["a.example does not answer (HTTP 503): retrying …"]);
  watch.answered("b.example");
  watch.answered("a.example");
  expect(lines.slice(1)).toEqual(["a.example answers again."]);
});

test("an SDK error below 500 is an answer of the service, and any other error is not", async () => {
  const lines: string[] = [];
  let now = 0;
  const watch = new StallWatch(
    (line) => lines.push(line),
    () => now,
  );
  const request = async (error: object) => {
    now += 10_000;
    await expect(watch.observe("https://a.example/path", Promise.reject(error))).rejects.toBe(error);
  };
  await request(Object.assign(new Error(), { statusCode: 404, code: "ContainerNotFound" }));
  await request(Object.assign(new Error(), { statusCode: 404, code: "ContainerNotFound" }));
  await request(Object.assign(new Error(), { statusCode: 503, code: "ServerBusy" }));
  expect(lines).toEqual([]);
  await request(Object.assign(new Error(), { code: "ECONNRESET" }));
  expect(lines).toEqual(["a.example does not answer (ECONNRESET): retrying …"]);
  await request(Object.assign(new Error(), { statusCode: 409 }));
  expect(lines.slice(1)).toEqual(["a.example answers again."]);
});

test("onboarding reports the service that it waits for, and continues when the service answers", async () => {
  await using folder = await temporaryFolder();
  const desk = await Desk.at(fleet, folder.path, batchOf("silent", 3));
  fleet.proxy.faults.add({
    host: "*.azure-devices.net",
    method: "POST",
    answer: { status: 503 },
    first: 6,
  });
  const { code, stderr } = await desk.onboard();
  expect(code, stderr).toBe(0);
  const host = fleet.outputs.hubHostName;
  const said = stderr.split("\n").filter((line) => line.includes(host) && line.includes("answer"));
  expect(said).toEqual([
    expect.stringContaining(`${host} does not answer (HTTP 503): retrying …`),
    `${host} answers again.`,
  ]);
});
