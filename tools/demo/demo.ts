import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, isAbsolute, join, relative, resolve } from "node:path";
import { parseArgs, styleText } from "node:util";
import { FileLocked, lockFile } from "@terminal-fleet/file-lock";
import { findPulumi, type PulumiCli, pulumiEnvironment } from "@terminal-fleet/pulumi-cli";
import {
  addMember,
  callControl,
  prepareStack,
  type Sandbox,
  SandboxDirectory,
  sandboxEnvironment,
  startSandbox,
} from "@terminal-fleet/sandbox/in-process";
import { generateX25519Identity, identityToRecipient } from "age-encryption";
import { Steps } from "./steps.ts";
import type { TerminalInput, TerminalReport } from "./terminal.ts";

/*
 * `npm run demo [-- --dir FOLDER]`: deploys the program into a sandbox, onboards a batch, uses one terminal and revokes
 * it. It runs what a user runs: the real engine, the unmodified program, the policy pack and the command line. It writes
 * all files to FOLDER; default .demo.
 */

const usage = `Usage: npm run demo -- [--dir FOLDER]

Deploys the program into a sandbox on this computer, onboards a batch, uses one terminal and revokes it.

  --dir FOLDER  empty folder, or the folder of an earlier demo, for all files; default .demo
  --help        show this text`;

const root = resolve(import.meta.dirname, "..", "..");
const options = parseOptions();
const dir = resolve(root, options.dir);
/** A sandbox requires a folder without other files. */
const sandboxDir = join(dir, "sandbox");
const example = join("examples", "example-municipality.csv");
const fleetPage = join(dir, "fleet.html");
const sheetPages = { no: join(dir, "sheet-no.html"), en: join(dir, "sheet-en.html") };
const terminal = "example-hall-01";
const customer = "example-municipality";
/** Held while a demo uses the folder. It stays in the folder, which each demo empties. */
const lockFileName = "demo.lock";
const holderFileName = "demo.pid";
const steps = new Steps();

try {
  await demo();
  await steps.close();
} catch (error) {
  console.error(styleText("red", `\nThe demo failed: ${(error as Error).message}`));
  await steps.close();
  process.exitCode = 1;
}

function parseOptions(): { dir: string } {
  try {
    const { values } = parseArgs({
      options: {
        dir: { type: "string", default: ".demo" },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    if (!values.help) return values;
    console.log(usage);
    process.exit(0);
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${usage}`);
    process.exit(2);
  }
}

async function demo(): Promise<void> {
  const present = existsSync(dir) ? readdirSync(dir) : [];
  const others = present.filter((name) => name !== lockFileName && name !== holderFileName);
  if (others.length > 0 && !existsSync(join(sandboxDir, "state.sqlite")) && !present.includes(lockFileName)) {
    throw new Error(`${displayPath(dir)} contains other files. Name an empty folder with --dir`);
  }
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  steps.atEnd(holdFolder());
  if (await isRunning()) {
    const remedy = `npx azure-sandbox --dir ${displayPath(sandboxDir)} down`;
    throw new Error(`the sandbox of the previous demo is running. Stop it with: ${remedy}`);
  }
  for (const name of others) rmSync(join(dir, name), { recursive: true, force: true });

  const cli = await steps.step("Find the Pulumi CLI", async () => {
    const found = await findPulumi((line) => console.log(`   ${line}`));
    console.log(`   ${found.path}`);
    return found;
  });
  const sandbox = await steps.step("Start the sandbox: Azure on this computer", async () => {
    const started = await startSandbox({ dir: sandboxDir });
    steps.atEnd(() => started.close());
    console.log(`   a proxy that serves the Azure host names: ${started.proxy.url}`);
    return started;
  });
  const deployer = environment(cli, sandbox, "deployer");
  const configFile = await deploy(cli, sandbox, deployer);
  const bundles = await onboard(sandbox, cli);
  await useAndRevoke(environment(cli, sandbox, "operator"), bundles);
  printSummary(configFile);
}

/**
 * Holds the folder for this demo, as two demos in one folder would delete each other's files.
 * @returns A function that releases the folder.
 * @throws Error when another demo uses the folder.
 */
function holdFolder(): () => void {
  try {
    return lockFile(join(dir, lockFileName), { holderFile: join(dir, holderFileName) });
  } catch (error) {
    if (!(error instanceof FileLocked)) throw error;
    const who = error.holder ? `process ${error.holder.pid}` : "another process";
    throw new Error(
      `${who} runs a demo in ${displayPath(dir)}. Wait for its end, or use another folder: npm run demo -- --dir FOLDER`,
    );
  }
}

/** Whether the sandbox of the previous demo is running. */
function isRunning(): Promise<boolean> {
  return callControl(new SandboxDirectory(sandboxDir).socket(), "GET", "/status").then(
    () => true,
    () => false,
  );
}

/** Deploys the program with the policy pack, and a second time to show that nothing changes. */
async function deploy(cli: PulumiCli, sandbox: Sandbox, env: NodeJS.ProcessEnv): Promise<string> {
  const settings = join(root, "Pulumi.dev.yaml");
  const variables = sandboxEnvironment(sandbox, "deployer");
  const configFile = await prepareStack(variables, { stack: "dev", settings, dir: sandboxDir, cli });
  const up = [
    "up",
    "--stack",
    "dev",
    "--config-file",
    configFile,
    "--yes",
    "--skip-preview",
    "--non-interactive",
  ];
  await steps.step("Deploy dev, checked by the policy pack", async () => {
    const output = await steps.run(cli.path, [...up, "--policy-pack", "policies"], {
      cwd: root,
      env,
      quiet: true,
    });
    // The engine prints last: the result of the policy pack, the outputs, and the number of resources.
    console.log(output.slice(output.indexOf("Policies:")).trimEnd().replace(/^/gm, "   "));
  });
  await steps.step("Deploy again: nothing changes", async () => {
    const output = await steps.run(cli.path, [...up, "--expect-no-changes"], { cwd: root, env, quiet: true });
    console.log(`   ${/\d+ unchanged/.exec(output)?.[0] ?? output}`);
  });
  return configFile;
}

/** Onboards the example batch as an operator, a member of the group that the program declares. */
async function onboard(sandbox: Sandbox, cli: PulumiCli): Promise<{ folder: string; identity: string }> {
  const folder = join(dir, "handover");
  const identity = join(dir, "installer-key.txt");
  const key = await generateX25519Identity();
  writeFileSync(identity, `${key}\n`, { mode: 0o600 });
  const recipient = await identityToRecipient(key);
  // The journal is created beside the batch. The folder of the example stays unchanged.
  const batch = join(dir, basename(example));
  copyFileSync(join(root, example), batch);
  await steps.step("Add the operator to the operators' group, as the tenant's administrator", async () => {
    const group = await steps.run(
      cli.path,
      ["stack", "output", "operatorsGroupName", "--stack", "dev", "--non-interactive"],
      { cwd: root, env: environment(cli, sandbox, "deployer"), quiet: true },
    );
    addMember(sandbox, group.trim(), "operator");
    console.log(`   ${group.trim()}`);
  });
  const env = environment(cli, sandbox, "operator");
  const command = ["onboard", batch, "--stack", "dev", "--out", folder, "--recipient", recipient, "--yes"];
  await steps.step(`Onboard ${example}: 25 terminals at two sites`, () => runTerminals(command, env));
  await steps.step("Onboard the same batch again: nothing changes", () => runTerminals(command, env));
  console.log(
    `   ${readdirSync(folder).filter((name) => name.endsWith(".age")).length} sealed credential bundles`,
  );
  return { folder, identity };
}

/** Uses the access paths of one terminal, revokes the terminal, and tries them again. */
async function useAndRevoke(
  env: NodeJS.ProcessEnv,
  bundles: { folder: string; identity: string },
): Promise<void> {
  const sealed = join(bundles.folder, `${terminal}.age`);
  const bundle = await steps.step(`Open the credential bundle of ${terminal}, as its installer`, async () => {
    const opened = JSON.parse(
      await runTerminals(["open", sealed, "--identity", bundles.identity], env, { quiet: true }),
    );
    console.log(
      JSON.stringify(opened, (name, value) => (/key$/i.test(name) ? "…" : value), 2).replace(/^/gm, "   "),
    );
    return opened;
  });
  await steps.step(`Send a file to ${terminal}, with its own file link`, () => {
    const file = join(dir, "employees.csv");
    writeFileSync(file, "number,name\n1001,Example Employee One\n1002,Example Employee Two\n");
    return runTerminals(["send", terminal, file, "--stack", "dev"], env);
  });
  let fileUrl: string | undefined;
  const tryAccessPaths = async (expectOpen: boolean) => {
    const input: TerminalInput = { bundle, fileUrl };
    const program = [join(root, "tools", "demo", "terminal.ts")];
    const output = await steps.run(process.execPath, program, {
      env: { ...env, NODE_USE_ENV_PROXY: "1" },
      input: JSON.stringify(input),
      quiet: true,
    });
    const report = JSON.parse(output) as TerminalReport;
    fileUrl = report.fileUrl;
    for (const { accessPath, isOpen, answer } of report.attempts) {
      const mark = isOpen ? styleText("green", "open  ") : styleText("red", "closed");
      console.log(`   ${accessPath.padEnd(9)} ${mark}  ${answer}`);
    }
    const wrong = report.attempts.filter(({ isOpen }) => isOpen !== expectOpen);
    if (wrong.length > 0) {
      const names = wrong.map(({ accessPath }) => accessPath).join(", ");
      throw new Error(`${names} should be ${expectOpen ? "open" : "closed"} for ${terminal}`);
    }
  };
  await steps.step("The terminal uses its three access paths, with its credential bundle only", () =>
    tryAccessPaths(true),
  );
  await steps.step(`Revoke ${terminal}`, () =>
    runTerminals(["revoke", terminal, "--stack", "dev", "--reason", "demo: stolen", "--yes"], env),
  );
  await steps.step("The revoked terminal tries its access paths again", () => tryAccessPaths(false));
  await steps.step("Write the status of the fleet as a web page", () =>
    runTerminals(["status", "--stack", "dev", "--html", fleetPage], env),
  );
  await steps.step("Write the sheet for the customer's IT people, in Norwegian and English", async () => {
    const sheet = ["sheet", "--stack", "dev", "--customer", customer];
    for (const language of ["no", "en"] as const) {
      await runTerminals([...sheet, "--lang", language, "--out", sheetPages[language]], env);
    }
  });
}

function runTerminals(
  args: string[],
  env: NodeJS.ProcessEnv,
  options: { quiet?: boolean } = {},
): Promise<string> {
  return steps.run(process.execPath, [join("cli", "main.ts"), ...args], { cwd: root, env, ...options });
}

function environment(cli: PulumiCli, sandbox: Sandbox, as: "deployer" | "operator"): NodeJS.ProcessEnv {
  return pulumiEnvironment(cli, { ...process.env, ...sandboxEnvironment(sandbox, as) });
}

/** The path of a file for a command that runs in the project's folder. */
function displayPath(path: string): string {
  const fromRoot = relative(root, path);
  return fromRoot.startsWith("..") || isAbsolute(fromRoot) ? path : fromRoot;
}

function printSummary(configFile: string): void {
  console.log(styleText("bold", "\nDone"));
  for (const { title, seconds } of steps.finished)
    console.log(`  ${seconds.toFixed(1).padStart(6)} s  ${title}`);
  const total = steps.finished.reduce((sum, { seconds }) => sum + seconds, 0);
  console.log(`  ${total.toFixed(1).padStart(6)} s  total`);
  const folder = displayPath(sandboxDir);
  console.log(`
The status of the fleet by site is in ${displayPath(fleetPage)}. Open it in a browser.
The sheet for the customer's IT people is in ${displayPath(sheetPages.no)} (Norwegian) and ${displayPath(sheetPages.en)} (English).
All files of the demo are in ${displayPath(dir)}. To use the deployed stack:
  npx azure-sandbox --dir ${folder} up
  eval "$(npx azure-sandbox --dir ${folder} env)"
  npm run pulumi -- stack output --stack dev
  npm run pulumi -- up --stack dev --config-file ${displayPath(configFile)}
Then read docs/architecture.md, change something in components/, and see what the policy pack reports.`);
}
