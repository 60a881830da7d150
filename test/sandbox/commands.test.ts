import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type TemporaryFolder, temporaryFolder } from "../support/folder.ts";
import { type Outcome, outcome, startProgram } from "../support/processes.ts";
import { projectRoot } from "../support/project-root.ts";
import { waitFor } from "../support/wait-for.ts";

/* Commands of azure-sandbox that other projects use: seed, fault, log, exec, export and import. One sandbox runs. */

let folder: TemporaryFolder;
let seedFile: string;
let seeded: unknown;
let variables: NodeJS.ProcessEnv | undefined;

const seedText = `
resourceGroup: orders
hubs:
  - name: iot-orders
    properties: { disableLocalAuth: true }
    devices:
      - { id: till-1, tags: { shop: Oslo }, desired: { volume: 3 } }
      - { id: till-2, status: disabled }
accounts:
  - name: storders
    containers: [receipts]
    tables: [prices]
apis:
  - service: apim-orders
    name: orders
    path: orders
    operations: [{ method: GET, path: "/{id}" }]
    policy: <policies><inbound><return-response><set-status code="200" reason="OK" /></return-response></inbound></policies>
roles:
  - { role: IoT Hub Data Reader, to: operator, on: iot-orders }
  - { role: Reader, to: operator }
`;

function start(dir: string, ...args: string[]): ChildProcess {
  return startProgram("sandbox/main.ts", ["--dir", folder.file(dir), ...args], { cwd: folder.path });
}
const run = (dir: string, ...args: string[]): Promise<Outcome> => outcome(start(dir, ...args));
const sandbox = (...args: string[]) => run("sandbox", ...args);

/** Requests a URL through the running sandbox, in a process that its variables direct. @returns Status and body. */
async function request(method: string, url: string): Promise<{ status: number; body: string; ms: number }> {
  const script = `
    const started = performance.now();
    fetch(process.argv[1], { method: process.argv[2] }).then(
      async (response) => ({ status: response.status, body: await response.text() }),
      (error) => ({ status: 0, body: String(error.cause?.code ?? error.cause?.message) }),
    ).then((answer) => console.log(JSON.stringify({ ...answer, ms: performance.now() - started })));`;
  variables ??= JSON.parse((await sandbox("env", "--shell", "json")).stdout);
  const child = spawn(process.execPath, ["--eval", script, url, method], {
    env: { ...process.env, ...variables, NODE_USE_ENV_PROXY: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  return JSON.parse((await outcome(child)).stdout);
}

beforeAll(async () => {
  folder = await temporaryFolder();
  seedFile = folder.file("seed.yaml");
  writeFileSync(seedFile, seedText);
  const up = await sandbox("up");
  if (up.code !== 0) throw new Error(up.output);
});
afterAll(async () => {
  await sandbox("reset");
  await folder?.[Symbol.asyncDispose]();
});

test("seed creates the file's resources, and a second seed changes nothing and keeps the devices' keys", async () => {
  const first = await sandbox("seed", seedFile);
  expect(first.output.trim().split("\n")).toEqual([
    "resource group  orders",
    "hub             iot-orders.azure-devices.net  (2 devices, of which 1 disabled)",
    "account         https://storders.blob.core.windows.net/  (containers: receipts)",
    "account         https://storders.table.core.windows.net/  (tables: prices)",
    "API             https://apim-orders.azure-api.net/orders",
    "role            IoT Hub Data Reader for operator on iot-orders",
    "role            Reader for operator on orders",
  ]);
  expect(first.code).toBe(0);
  const second = JSON.parse((await sandbox("seed", seedFile, "--json")).stdout);
  const third = JSON.parse((await sandbox("seed", seedFile, "--json")).stdout);
  expect(third).toEqual(second);
  seeded = third;
  expect(second.hubs[0].devices).toEqual([
    {
      id: "till-1",
      status: "enabled",
      connectionString: expect.stringMatching(
        /^HostName=iot-orders\.azure-devices\.net;DeviceId=till-1;SharedAccessKey=[A-Za-z0-9+/]{43}=$/,
      ),
    },
    expect.objectContaining({ id: "till-2", status: "disabled" }),
  ]);
  expect(await request("GET", "https://apim-orders.azure-api.net/orders/7")).toMatchObject({ status: 200 });
});

test("a seed file with what Azure refuses fails with the line, Azure's code and the remedy", async () => {
  const file = folder.file("refused.yaml");
  writeFileSync(
    file,
    'resourceGroup: orders\naccounts:\n  - name: storders\n    containers:\n      - "No"\n',
  );
  const refused = await sandbox("seed", file);
  expect(refused.code).toBe(1);
  expect(refused.output.trim()).toBe(
    `${file}, line 5: the container No was refused: ContainerOperationFailure: The specified resource name 'No' contains invalid characters or has the wrong length. Change it, then run the same command again.`,
  );
});

test("a fault with a rate, a count and a service applies to that service only, is listed, and ends when cleared", async () => {
  const account = "https://storders.blob.core.windows.net/receipts?restype=container";
  const api = "https://apim-orders.azure-api.net/orders/7";
  const ordered = await sandbox(
    ...["fault", "order", "503", "--service", "blob", "--operation", "GET /receipts", "--count", "1"],
    ...["--retry-after", "9", "--for", "10m"],
  );
  expect(ordered.output).toMatch(
    /^Fault 1 is in effect until \d{4}-.+Z: 503 for blob, GET \/receipts, 1 request\.\n$/,
  );
  expect(await request("GET", api)).toMatchObject({ status: 200 });
  expect(await request("GET", account)).toMatchObject({
    status: 503,
    body: expect.stringContaining("<Code>ServerBusy</Code>"),
  });
  expect((await request("GET", account)).status).not.toBe(503);
  expect((await sandbox("fault", "list")).output).toContain("(1 request so far, until ");

  await sandbox("fault", "order", "drop", "--service", "api-management");
  expect(await request("GET", api)).toMatchObject({ status: 0 });
  expect((await sandbox("fault", "clear", "2")).output).toBe("1 fault has ended.\n");
  await sandbox("fault", "order", "slow", "--host", "apim-*.azure-api.net", "--delay", "700");
  const slow = await request("GET", api);
  expect(slow.status).toBe(200);
  expect(slow.ms).toBeGreaterThan(690);
  expect((await sandbox("fault", "clear")).output).toBe("2 faults have ended.\n");
  expect((await sandbox("fault", "list")).output).toBe("No fault is in effect.\n");
});

test("a fault ends by itself at its expiry", async () => {
  await sandbox("fault", "order", "500", "--for", "1s");
  await waitFor(
    "the fault to end",
    async () => (await sandbox("fault", "list")).output === "No fault is in effect.\n",
  );
});

test("an order that does not exist is refused with those that do", async () => {
  const refused = await sandbox("fault", "order", "broken");
  expect(refused.output).toBe(
    "broken is not a fault. Use a status from 400 to 599, drop, drop-after or slow.\n",
  );
  expect(refused.code).toBe(1);
});

test("exec runs a command with its own options, the variables and its exit code, and a running sandbox stays up", async () => {
  const script = `console.log(process.env.SANDBOX_DIR, typeof process.env.AZURE_CLIENT_SECRET, process.argv.slice(1).join());
    process.exitCode = 7;`;
  const ran = await sandbox("exec", "--", process.execPath, "--eval", script, "--", "--dir", "-x");
  expect(ran.output).toBe(`${folder.file("sandbox")} string --dir,-x\n`);
  expect(ran.code).toBe(7);
  expect((await sandbox("status")).code).toBe(0);
});

test("an export into a folder with other files is refused, and the sandbox keeps running", async () => {
  const other = folder.file("other");
  mkdirSync(other);
  writeFileSync(join(other, "thesis.txt"), "");
  const refused = await sandbox("down", "--export", other);
  expect(refused.output).toContain("contains other files. Export into an empty folder, or a new one.");
  expect(existsSync(join(other, "thesis.txt"))).toBe(true);
  expect((await sandbox("status")).code).toBe(0);
});

test("log --follow prints new lines until it is ended, and down --export copies the state", async () => {
  const child = start("sandbox", "log", "--follow");
  let output = "";
  child.stdout?.on("data", (data) => (output += data));
  await waitFor("the line with ready, proxy", () => output.includes("ready, proxy"));
  const down = await sandbox("down", "--export", folder.file("exported"));
  expect(down.output).toContain(`Its state was exported to ${folder.file("exported")}.`);
  await waitFor("the line with stopping", () => output.includes("stopping"));
  child.kill("SIGTERM");
  await once(child, "exit");
});

test("an exported state starts again in another folder with the same devices, for the time of a command", async () => {
  const exported = folder.file("exported");
  expect(readdirSync(exported).sort()).toEqual(
    expect.arrayContaining(["azurite", "proxy", "sandbox-export.json", "state.sqlite"]),
  );
  expect(readdirSync(exported)).not.toContain("settings.json");

  // The command itself concerns the sandbox of exec, by the variable SANDBOX_DIR.
  const main = join(projectRoot, "sandbox", "main.ts");
  const seedAgain = [
    process.execPath,
    "--disable-warning=ExperimentalWarning",
    main,
    "seed",
    seedFile,
    "--json",
  ];
  const ran = await run("imported", "exec", "--import", exported, "--", ...seedAgain);
  expect(ran.code).toBe(0);
  expect(JSON.parse(ran.stdout)).toEqual(seeded);
  expect((await run("imported", "status")).code).toBe(3);
  const withState = await run("imported", "up", "--import", exported);
  expect(withState.output).toContain("has state already. Delete it with reset");
  expect(withState.code).toBe(1);
});

test("exec passes a signal on, stops the sandbox, and ends by the same signal", async () => {
  const script = "console.log('running'); setInterval(() => {}, 1000)";
  const child = start("signalled", "exec", "--", process.execPath, "--eval", script);
  let output = "";
  child.stdout?.on("data", (data) => (output += data));
  await waitFor("the line with running", () => output.includes("running"));
  child.kill("SIGTERM");
  const [code, signal] = await once(child, "exit");
  expect([code, signal]).toEqual([null, "SIGTERM"]);
  expect((await run("signalled", "status")).code).toBe(3);
});

test("exec of a command that does not exist ends with 127, and stops the sandbox", async () => {
  const missing = await run("signalled", "exec", "--", "no-such-command-here");
  expect(missing.output).toBe("no-such-command-here cannot be run: it does not exist on PATH.\n");
  expect(missing.code).toBe(127);
  expect((await run("signalled", "status")).code).toBe(3);
});
