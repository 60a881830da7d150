import { type ChildProcess, execFile, spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { sandboxEnvironment, startSandbox } from "../../../sandbox/index.ts";
import { compareTranscripts } from "../../../tools/conformance/transcript/compare.ts";
import { readTranscript, type Transcript } from "../../../tools/conformance/transcript/transcript.ts";
import { type TemporaryFolder, temporaryFolder } from "../../support/folder.ts";
import { waitFor } from "../../support/wait-for.ts";

/*
 * `npm run conformance -- --target azure` in a separate process, with a sandbox in the place of Azure. The environment's
 * proxy, certificates and sign-in direct the process to the sandbox.
 */

const program = join(import.meta.dirname, "../../../tools/conformance/conformance.ts");
/** Checks of each service, without those that wait for minutes on Azure. */
const chosen = [
  "resource-manager/group",
  "storage/container-exists",
  "storage/row-exists",
  "storage/immutable-blob",
  "iot-hub/identity-",
  "iot-hub/tls-",
  "iot-hub/sdk-disabled",
  "iot-hub/c2d-queue",
  "iot-hub/events-refused",
  "iot-hub/policy-rights",
  "api-management/path-unknown",
];

let folder: TemporaryFolder;
let sandbox: Awaited<ReturnType<typeof startSandbox>>;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  folder = await temporaryFolder();
  sandbox = await startSandbox({ dir: folder.file("sandbox") });
  env = { ...process.env, ...sandboxEnvironment(sandbox, "deployer") };
});
afterAll(async () => {
  await sandbox.close();
  await folder[Symbol.asyncDispose]();
});

interface Ended {
  code: number;
  output: string;
}

/** Runs the program to its end. */
function run(args: string[], variables = env): Promise<Ended> {
  const options = { env: variables, cwd: folder.path };
  return new Promise((resolve) => {
    execFile(process.execPath, [program, ...args], options, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, output: stdout + stderr }),
    );
  });
}

const azure = ["--target", "azure", "--out", "."];
const groups = () =>
  sandbox.azure.resources
    .list("Microsoft.Resources/resourceGroups")
    .map(({ name }) => name)
    .filter((name) => name.startsWith("conformance-"));

function transcriptOf(target: string): Transcript {
  const name = readdirSync(folder.path).find(
    (each) => each.startsWith(`${target}-`) && each.endsWith(".json"),
  );
  return readTranscript(folder.file(name as string));
}

test("a run with --yes tells what it costs, ends with 0, deletes its group, and is the same as the sandbox's run", async () => {
  const only = chosen.flatMap((text) => ["--only", text]);
  const [own, other] = await Promise.all([run([...azure, "--yes", ...only]), run(["--out", ".", ...only])]);
  expect(own).toMatchObject({ code: 0 });
  expect(own.output).toMatch(/This costs about 1\.70 US dollars/);
  expect(own.output).toMatch(/If this run is killed, .* --clean-up [0-9a-f]{8}/);
  expect(other).toMatchObject({ code: 0 });
  expect(groups()).toEqual([]);
  const rows = compareTranscripts(transcriptOf("azure"), transcriptOf("sandbox"));
  expect(rows.filter(({ result }) => result !== "same")).toEqual([]);
  expect(rows.length).toBeGreaterThan(25);
});

test("Ctrl-C in the middle of a check deletes what was created, and the exit code is 130", async () => {
  const child: ChildProcess = spawn(
    process.execPath,
    [program, ...azure, "--yes", "--only", "token-expiry", "--only", "iot-hub/identity-create"],
    { env, cwd: folder.path, stdio: ["ignore", "pipe", "inherit"] },
  );
  let output = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  const ended = new Promise((resolve) => child.once("exit", (code) => resolve(code)));
  await waitFor("the wait for the token", () => output.includes("waiting 125 s"), { withinMs: 60_000 });
  expect(groups()).not.toEqual([]);
  child.kill("SIGINT");
  expect(await ended).toBe(130);
  expect(output).toMatch(/deleting the resource group conformance-/);
  expect(groups()).toEqual([]);
});

test("a refused sign-in, another subscription and a missing confirmation end before anything is created", async () => {
  const [signIn, subscription, question] = await Promise.all([
    run([...azure, "--yes"], { ...env, AZURE_CLIENT_SECRET: "wrong" }),
    run([...azure, "--yes", "--subscription", "00000000-0000-4000-8000-000000000001"]),
    run(azure),
  ]);
  expect(signIn).toMatchObject({ code: 1 });
  expect(signIn.output).toMatch(/cannot sign in to Azure\. Run `az login`, .*\n {2}cause: .*AADSTS7000215/s);
  expect(subscription).toMatchObject({ code: 1 });
  expect(subscription.output).toMatch(/cannot be read: 404 SubscriptionNotFound.*`az account list`/);
  expect(question).toMatchObject({ code: 2 });
  expect(question.output).toMatch(/US dollars.*pass --yes/s);
  for (const { output } of [signIn, subscription, question]) expect(output).not.toContain("creating");
  expect(groups()).toEqual([]);
});

test("a run names what a killed one left, and --clean-up deletes it", async () => {
  const kill = spawn(process.execPath, [program, ...azure, "--yes", "--only", "token-expiry"], {
    env,
    cwd: folder.path,
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  kill.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  await waitFor("the hub", () => output.includes("waiting 125 s"), { withinMs: 60_000 });
  const ended = new Promise((resolve) => kill.once("exit", resolve));
  kill.kill("SIGKILL");
  await ended;
  const runId = /conformance-([0-9a-f]{8})/.exec(output)?.[1] as string;
  expect(groups()).not.toEqual([]);
  const next = await run(azure);
  expect(next.output).toContain(`conformance-${runId} is left from an earlier run. Delete it with: npm run`);
  expect(await run([...azure, "--clean-up", runId])).toMatchObject({ code: 0 });
  expect(groups()).toEqual([]);
});
