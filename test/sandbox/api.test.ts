import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type RunningSandbox, start } from "../../sandbox/api/index.ts";
import { projectRoot } from "../support/project-root.ts";
import { waitFor } from "../support/wait-for.ts";

/* The functions for tests of other programs, with one sandbox in a temporary folder. */

let sandbox: RunningSandbox;
beforeAll(async () => {
  sandbox = await start({ seed: { hubs: [{ name: "iot-api", devices: [{ id: "d" }] }] } });
});
afterAll(() => sandbox?.stop());

test("start creates what its seed declares, and returns how a device connects", () => {
  expect(sandbox.seeded).toMatchObject({
    resourceGroup: "seed",
    hubs: [{ host: "iot-api.azure-devices.net", devices: [{ id: "d", status: "enabled" }] }],
  });
});

test("clock moves the sandbox's time by hours, days or milliseconds", async () => {
  const before = Date.now();
  const later = await sandbox.clock({ days: 2 });
  expect(later.getTime() - before).toBeGreaterThanOrEqual(48 * 3_600_000);
  await sandbox.clock({ hours: -47 });
  const back = await sandbox.clock({ ms: -3_600_000 });
  expect(Math.abs(back.getTime() - Date.now())).toBeLessThan(10_000);
});

test("direct sets the variables in this process, and its function restores them", async () => {
  const before = { ...process.env };
  const restore = await sandbox.direct("deployer");
  expect(process.env).toMatchObject({
    HTTPS_PROXY: sandbox.proxyUrl,
    AZURE_TENANT_ID: sandbox.tenantId,
    AZURE_SUBSCRIPTION_ID: sandbox.subscriptionId,
  });
  restore();
  expect({ ...process.env }).toEqual(before);
});

test("each principal has an application of its own", async () => {
  const [deployer, operator] = [await sandbox.env("deployer"), await sandbox.env()];
  expect(deployer.AZURE_CLIENT_ID).not.toBe(operator.AZURE_CLIENT_ID);
});

test.each([
  [{}, "Set status, drop or delayMs: without them the fault would do nothing."],
  [{ status: 200 }, "The fault cannot be ordered. status must be at least 400."],
  [{ status: 500, drop: "before" as const }, "Set status or drop, not both."],
  [{ status: 500, service: "blob" as const, host: "x" }, "Set service or host, not both."],
  [{ drop: "before" as const, retryAfterSeconds: 1 }, "retryAfterSeconds needs status."],
  [{ status: 500, rate: 0 }, "rate must be more than 0."],
  [{ status: 500, host: "" }, "host must have at least 1 character."],
  [{ status: 500.5 }, "status must be of type int."],
  [{ status: 500, forSeconds: 100_000 }, "forSeconds must be at most 86400."],
])("the fault %j is refused with its reason", async (order, reason) => {
  await expect(sandbox.fault(order)).rejects.toThrow(reason);
});

test("a seed file that does not exist is an error with its name", async () => {
  await expect(sandbox.seed("missing.yaml")).rejects.toThrow(
    "The seed file missing.yaml cannot be read: it does not exist.",
  );
});

test("a seed that Azure refuses is an error with the place in the object", async () => {
  const seed = { hubs: [{ name: "iot_api" }] };
  await expect(sandbox.seed(seed)).rejects.toThrow(
    "seed, line 4: the IoT hub iot_api was refused: IotHubNameInvalid: ",
  );
});

test("a sandbox ends with the process that started it, also when that is killed, and deletes its temporary folder", async () => {
  const api = pathToFileURL(join(projectRoot, "sandbox", "api", "index.ts")).href;
  const script = `const { start } = await import(${JSON.stringify(api)});
    console.log((await start()).dir);
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [output] = await once(child.stdout, "data");
  const dir = String(output).trim();
  expect(existsSync(join(dir, "state.sqlite"))).toBe(true);
  child.kill("SIGKILL");
  await waitFor("the sandbox to delete its folder", () => !existsSync(dir));
});

test("stop deletes the temporary folder, and a second stop does nothing", async () => {
  const { dir } = sandbox;
  await sandbox.stop();
  await sandbox.stop();
  expect(existsSync(dir)).toBe(false);
});
