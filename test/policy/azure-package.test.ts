import { cpSync, globSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv } from "ajv";
import { afterAll, beforeAll, expect, test } from "vitest";
import { configurationSchema } from "../../policies/azure/configuration-schema.ts";
import { adaptRule } from "../../policies/azure/engine/adapt-rule.ts";
import { withAzureRules } from "../../policies/azure/rules.ts";
import { rules } from "../../policies/rules.ts";
import { type Sandbox, startSandbox } from "../../sandbox/core/sandbox.ts";
import { sandboxEnvironment } from "../../sandbox/core/sandbox-environment.ts";
import { findPulumi, pulumiEnvironment } from "../../tools/pulumi-cli/find-pulumi.ts";
import { type TemporaryFolder, temporaryFolder } from "../support/folder.ts";
import { projectRoot } from "../support/project-root.ts";
import { runFile } from "../support/run-file.ts";
import { importedPackages } from "../tools/imported-packages.ts";

/*
 * policies/azure as others use it: packed by npm, installed into another project, run by the real engine.
 */

const packageName = "@terminal-fleet/azure-policies";
const packFolder = join("node_modules", packageName);

let folder: TemporaryFolder;
let sandbox: Sandbox;
let project: string;
let env: NodeJS.ProcessEnv;
let pulumi: string;

/** Another program: one storage account in North Europe, which keeps the rules, except for the given properties. */
const program = (properties = "") => `
import * as resources from "@pulumi/azure-native/resources/index.js";
import * as storage from "@pulumi/azure-native/storage/index.js";

const tags = { team: "payroll" };
const group = new resources.ResourceGroup("group", {
  resourceGroupName: "rg-payroll", location: "northeurope", tags,
});
new storage.StorageAccount("archive", {
  resourceGroupName: group.name, accountName: "stpayrollarchive", location: "northeurope", tags,
  kind: "StorageV2", sku: { name: "Standard_ZRS" }, minimumTlsVersion: "TLS1_2", enableHttpsTrafficOnly: true,
  allowBlobPublicAccess: false, allowCrossTenantReplication: false, allowedCopyScope: "AAD",
  isLocalUserEnabled: false, networkRuleSet: { defaultAction: "Deny", bypass: "AzureServices" },
  sasPolicy: { sasExpirationPeriod: "7.00:00:00", expirationAction: "Block" },
  keyPolicy: { keyExpirationPeriodInDays: 60 },
  encryption: { keySource: "Microsoft.Storage", requireInfrastructureEncryption: true },
  ${properties}
});
`;

/** What the other organisation configures. */
const configuration = {
  "resource-region": { regions: ["northeurope"] },
  "resource-required-tags": { tags: ["team"] },
  "storage-account-sas-lifetime": { maximumDays: 7 },
  "diagnostic-setting-present": "disabled",
};

const npm = (args: string[], cwd: string) =>
  runFile(process.platform === "win32" ? "npm.cmd" : "npm", [...args, "--no-audit", "--no-fund"], { cwd });

function writeJson(file: string, value: object): string {
  writeFileSync(file, JSON.stringify(value));
  return file;
}

/** Packs a copy of the package, because npm builds in its folder. @returns Path of the tarball. */
async function packPackage(): Promise<string> {
  const copy = folder.file("repository");
  mkdirSync(join(copy, "policies"), { recursive: true });
  cpSync(join(projectRoot, "policies", "azure"), join(copy, "policies", "azure"), { recursive: true });
  cpSync(join(projectRoot, "tsconfig.json"), join(copy, "tsconfig.json"));
  symlinkSync(join(projectRoot, "node_modules"), join(copy, "node_modules"), "dir");
  const { code, output } = await npm(["pack"], join(copy, "policies", "azure"));
  if (code !== 0) throw new Error(output);
  const [tarball] = globSync("*.tgz", { cwd: join(copy, "policies", "azure") });
  return join(copy, "policies", "azure", tarball!);
}

/** Installs the tarball into an empty project. Its dependencies come from this repository instead of the registry. */
async function installPackage(tarball: string): Promise<void> {
  mkdirSync(project);
  const installed = (name: string) => `file:${join(projectRoot, "node_modules", name)}`;
  const fromRepository = ["@pulumi/azure-native", "@pulumi/pulumi", "@pulumi/policy", "fast-xml-parser"];
  writeJson(join(project, "package.json"), {
    name: "payroll",
    version: "1.0.0",
    type: "module",
    main: "index.js",
    dependencies: {
      ...Object.fromEntries(fromRepository.map((name) => [name, installed(name)])),
      [packageName]: `file:${tarball}`,
    },
  });
  // Only the program starts in this way, in half of the CPU time, and not the pack.
  symlinkSync(join(projectRoot, "tools/pulumi-cli/before-program.cjs"), folder.file("before-program.cjs"));
  const options = "typescript: false\n    nodeargs: --require=../before-program.cjs";
  writeFileSync(
    join(project, "Pulumi.yaml"),
    `name: payroll\nruntime:\n  name: nodejs\n  options:\n    ${options}\n`,
  );
  const { code, output } = await npm(["install", "--offline", "--ignore-scripts"], project);
  if (code !== 0) throw new Error(output);
}

const preview = (...args: string[]) =>
  runFile(pulumi, ["preview", "--stack", "dev", "--non-interactive", "--color", "never", ...args], {
    cwd: project,
    env,
  });

/** Ids of the rules that the engine reports as violated. */
const violatedRules = (output: string) =>
  [
    ...new Set([...output.matchAll(/\[mandatory\] \[severity: \w+\]\s+([a-z-]+)/g)].map(([, id]) => id)),
  ].sort();

beforeAll(async () => {
  folder = await temporaryFolder();
  project = folder.file("payroll");
  sandbox = await startSandbox({ dir: folder.file("sandbox") });
  await installPackage(await packPackage());
  const cli = await findPulumi();
  pulumi = cli.path;
  env = pulumiEnvironment(cli, { ...process.env, ...sandboxEnvironment(sandbox, "deployer") });
  const { code, output } = await runFile(pulumi, ["stack", "init", "dev", "--non-interactive"], {
    cwd: project,
    env,
  });
  if (code !== 0) throw new Error(output);
});
afterAll(async () => {
  await sandbox?.close();
  await folder?.[Symbol.asyncDispose]();
});

test("the installed package refuses another program by its default settings", async () => {
  writeFileSync(join(project, "index.js"), program());
  const { code, output } = await preview("--policy-pack", packFolder);
  expect(output).toContain('location is "northeurope"; it must be westeurope or norwayeast.');
  expect(output).toContain("tags.costCentre is not set.");
  expect(code).not.toBe(0);
});

test("the installed package accepts the program by the configuration of its organisation", async () => {
  writeFileSync(join(project, "index.js"), program());
  const config = writeJson(folder.file("accepting.json"), configuration);
  const { code, output } = await preview("--policy-pack", packFolder, "--policy-pack-config", config);
  expect(output).not.toContain("[mandatory]");
  expect(output).toContain("azure-policies");
  expect(code).toBe(0);
});

test("the configuration of an environment changes lifetimes, and makes a rule advisory there", async () => {
  writeFileSync(
    join(project, "index.js"),
    program('sku: { name: "Standard_LRS" },\n  minimumTlsVersion: "TLS1_0",'),
  );
  const config = writeJson(folder.file("dev.json"), {
    ...configuration,
    "storage-account-sas-lifetime": { maximumDays: 6 },
    "storage-account-zone-redundant": { enforcementLevel: "advisory" },
  });
  const { code, output } = await preview("--policy-pack", packFolder, "--policy-pack-config", config);
  expect(output).toContain("it must be a period of at most 6.00:00:00.");
  expect(output).toContain('minimumTlsVersion is "TLS1_0"; it must be "TLS1_2".');
  expect(output).toMatch(/\[advisory\].*storage-account-zone-redundant/);
  expect(violatedRules(output)).toEqual(["storage-account-minimum-tls", "storage-account-sas-lifetime"]);
  expect(code).not.toBe(0);
});

test("the engine refuses a configuration with a value of a wrong type", async () => {
  const config = writeJson(folder.file("wrong.json"), { "resource-region": { regions: "northeurope" } });
  const { code, output } = await preview("--policy-pack", packFolder, "--policy-pack-config", config);
  expect(output).toMatch(/resource-region.*regions.*array/is);
  expect(code).not.toBe(0);
});

test("a pack of the other program's own puts its rules on top of the package's", async () => {
  writeFileSync(join(project, "index.js"), program());
  const own = join(project, "policies");
  mkdirSync(own);
  writeJson(join(own, "package.json"), {
    name: "payroll-policies",
    version: "1.0.0",
    type: "module",
    main: "index.cjs",
  });
  writeFileSync(
    join(own, "PulumiPolicy.yaml"),
    "runtime:\n  name: nodejs\n  options:\n    typescript: false\nmain: index.cjs\n",
  );
  writeFileSync(join(own, "index.cjs"), 'module.exports = import("./pack.js");\n');
  writeFileSync(
    join(own, "pack.js"),
    `import { requireValue, startPolicyPack, types, withAzureRules } from "${packageName}";
const archiveIsCool = {
  id: "archive-is-cool", severity: "low", description: "An archive is cool.", reason: "It costs less.",
  remedy: 'Set accessTier to "Cool".', sources: [{ id: "payroll", url: "https://payroll.example.com/" }],
  check: { [types.storageAccount]: requireValue("accessTier", "Cool") },
};
startPolicyPack("payroll", withAzureRules([archiveIsCool], {
  "resource-region": { settings: { regions: ["northeurope"] } },
  "resource-required-tags": { settings: { tags: ["team"] } },
}));
`,
  );
  const { code, output } = await preview("--policy-pack", own);
  expect(violatedRules(output)).toEqual(["archive-is-cool", "diagnostic-setting-present"]);
  expect(code).not.toBe(0);
});

test("the package's schema accepts what the engine accepts, and names an unknown rule or setting", () => {
  const installed = JSON.parse(
    readFileSync(join(project, packFolder, "dist", "configuration.schema.json"), "utf8"),
  );
  expect(installed).toEqual(JSON.parse(JSON.stringify(configurationSchema(withAzureRules()))));
  const validate = new Ajv({ strict: false }).compile(installed);
  expect(validate(configuration)).toBe(true);
  expect(validate({ all: "advisory" })).toBe(true);
  expect(validate({ "resource-regions": "advisory" })).toBe(false);
  expect(validate({ "resource-region": { region: ["northeurope"] } })).toBe(false);
  expect(validate({ "resource-region": { regions: [] } })).toBe(false);
  expect(validate({ "storage-account-sas-lifetime": { maximumDays: 0 } })).toBe(false);
});

test("the package imports nothing from outside its folder, except for the packages that it declares", () => {
  const root = join(projectRoot, "policies", "azure");
  const files = globSync("**/*.{ts,cjs}", { cwd: root, exclude: ["dist/**", "node_modules/**"] });
  expect(files.length).toBeGreaterThan(50);
  const depth = (file: string) => file.split("/").length - 1;
  const outside = files.filter((file) =>
    [...readFileSync(join(root, file), "utf8").matchAll(/["']((?:\.\.\/)+)/g)].some(
      ([, up]) => up!.length / 3 > depth(file),
    ),
  );
  expect(outside).toEqual([]);
  const { dependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const imported = files.flatMap((file) => importedPackages(join(root, file)).map(({ name }) => name));
  expect([...new Set(imported)].sort()).toEqual(Object.keys(dependencies).sort());
});

test("the package's README lists each setting with its default", async () => {
  const readme = join(projectRoot, "policies", "azure", "README.md");
  const rows = withAzureRules().flatMap((rule) =>
    Object.entries(("settings" in rule && rule.settings) || {}).map(
      ([name, setting]) =>
        `| \`${rule.id}\` | \`${name}\`: ${setting.description} | \`${JSON.stringify(setting.default)}\` |\n`,
    ),
  );
  expect(rows.length).toBeGreaterThan(0);
  const [before, after] = readFileSync(readme, "utf8").split(
    /(?<=<!-- settings: begin -->\n)[\s\S]*(?=<!-- settings: end -->)/,
  );
  await expect(
    `${before}\n| rule | setting | default |\n|---|---|---|\n${rows.join("")}\n${after}`,
  ).toMatchFileSnapshot(readme);
});

test("this program's pack has every rule of the package, and no configuration can change their settings", () => {
  const ids = new Set(rules.map(({ id }) => id));
  expect(
    withAzureRules()
      .map(({ id }) => id)
      .filter((id) => !ids.has(id)),
  ).toEqual([]);
  expect(rules.filter((rule) => "settings" in rule)).toEqual([]);
  expect(rules.at(-1)!.id).toBe("stack-preview-unknown-values");
});

test("an adaptation that names an unknown rule or setting is refused", () => {
  expect(() => withAzureRules([], { "resource-regions": {} })).toThrow("No rule has the id resource-regions");
  const [region] = withAzureRules().filter(({ id }) => id === "resource-region");
  expect(() => adaptRule(region!, { settings: { region: [] } })).toThrow(
    "The rule resource-region has no setting region",
  );
});
