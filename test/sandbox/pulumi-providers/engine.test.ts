import { spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startProviders } from "../../../sandbox/pulumi-providers/providers.ts";
import { findPulumi, pulumiEnvironment } from "../../../tools/pulumi-cli/find-pulumi.ts";
import { TestSandbox } from "../../support/test-sandbox.ts";

/** Resources with a dependency on an output, a generated name and a secret input. */
const program = `
import * as pulumi from "@pulumi/pulumi";
import { ResourceGroup } from "@pulumi/azure-native/resources/index.js";
import { IotHubResource } from "@pulumi/azure-native/iothub/index.js";
import { RandomString } from "@pulumi/random";
const config = new pulumi.Config();
const suffix = new RandomString("suffix", { length: 6, special: false, upper: false });
const group = new ResourceGroup("example", { location: config.require("location") });
const hub = new IotHubResource("hub", {
  resourceGroupName: group.name,
  resourceName: pulumi.interpolate\`hub-\${suffix.result}\`,
  sku: { name: "S1", capacity: 1 },
  properties: { comments: config.requireSecret("comments") },
  tags: { owner: config.require("owner") },
});
export const name = hub.name;
export const comments = hub.properties.apply((properties) => properties.comments);
`;

let sandbox: TestSandbox;
let providers: Awaited<ReturnType<typeof startProviders>>;
let dir: string;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  sandbox = await TestSandbox.start({});
  providers = await startProviders(sandbox.azure, sandbox.principal({ role: "Owner" }));
  dir = await mkdtemp(join(tmpdir(), "sandbox-engine-"));
  await symlink(resolve(import.meta.dirname, "../../../node_modules"), join(dir, "node_modules"), "junction");
  await writeFile(join(dir, "package.json"), JSON.stringify({ type: "module", main: "index.js" }));
  await writeFile(join(dir, "index.js"), program);
  // The program starts as this project's own does, in half of the CPU time.
  const options = "typescript: false\n    nodeargs: --require=@terminal-fleet/pulumi-cli/before-program.cjs";
  await writeFile(
    join(dir, "Pulumi.yaml"),
    `name: example\nruntime:\n  name: nodejs\n  options:\n    ${options}\n`,
  );
  const cli = await findPulumi(() => {});
  env = pulumiEnvironment(cli, {
    ...process.env,
    PULUMI_BACKEND_URL: pathToFileURL(dir).href,
    PULUMI_CONFIG_PASSPHRASE: "example",
    PULUMI_DEBUG_PROVIDERS: providers.debugProviders,
    PULUMI: cli.path,
  });
  await pulumi("stack", "init", "test");
  await pulumi("config", "set", "--secret", "comments", "a-secret-remark");
}, 600_000);

afterAll(async () => {
  await providers.close();
  await sandbox[Symbol.asyncDispose]();
  await rm(dir, { recursive: true, force: true });
});

/** Runs the CLI. @throws Error with its output when it fails. */
function pulumi(...args: string[]): Promise<string> {
  return new Promise((done, fail) => {
    const child = spawn(env.PULUMI as string, [...args, "--non-interactive"], { cwd: dir, env });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (said += data));
    child.on("error", fail);
    child.on("close", (code) => (code === 0 ? done(said) : fail(new Error(said))));
  });
}

/** Deploys with these settings. */
async function up(settings: Record<string, string>, ...options: string[]): Promise<string> {
  const flags = Object.entries(settings).flatMap(([key, value]) => ["--config", `${key}=${value}`]);
  return pulumi("up", "--yes", ...flags, ...options);
}

const hubs = () => sandbox.azure.resources.list("Microsoft.Devices/IotHubs");
const groups = () => sandbox.azure.resources.list("Microsoft.Resources/resourceGroups");

test("the real engine previews and deploys, and a second deployment changes nothing", async () => {
  expect(await up({ location: "westeurope", owner: "one" })).toContain("+ 4 created");
  const [hub] = hubs();
  expect(hub?.name).toMatch(/^hub-[a-z0-9]{6}$/);
  expect(hub?.properties.comments).toBe("a-secret-remark");
  expect(hub?.id).toMatch(/\/resourceGroups\/example[0-9a-f]{8}\//);
  expect(await pulumi("preview", "--expect-no-changes")).toContain("4 unchanged");
});

test("a secret input is encrypted in the state and stays secret as an output", async () => {
  const outputs = JSON.parse(await pulumi("stack", "output", "--json")) as Record<string, string>;
  expect(outputs).toEqual({ name: hubs()[0]?.name, comments: "[secret]" });
  const folder = await readdir(join(dir, ".pulumi"), { recursive: true, withFileTypes: true });
  const files = folder.filter((each) => each.isFile());
  expect(files.length).toBeGreaterThan(1);
  for (const file of files) {
    expect(await readFile(join(file.parentPath, file.name), "utf8")).not.toContain("a-secret-remark");
  }
});

test("a changed tag is an update, and a changed region replaces the group and its resources", async () => {
  expect(await up({ owner: "two" }, "--skip-preview")).toContain("~ 1 updated");
  expect(hubs()[0]?.tags).toEqual({ owner: "two" });
  expect(await up({ location: "norwayeast" }, "--skip-preview")).toContain("+-2 replaced");
  expect(hubs().map(({ location }) => location)).toEqual(["norwayeast"]);
  expect(groups()).toHaveLength(1);
});

test("a refused deployment prints Azure's message, and the stack can be destroyed afterwards", async () => {
  await expect(up({ location: "atlantis" }, "--skip-preview")).rejects.toThrow(
    /Code="InvalidLocation".*'atlantis'/,
  );
  expect(await pulumi("destroy", "--yes", "--skip-preview")).toContain("4 deleted");
  expect([...hubs(), ...groups()]).toEqual([]);
});
