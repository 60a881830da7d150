import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, isAbsolute, join, relative, resolve } from "node:path";
import { parseArgs, styleText } from "node:util";
import { findPulumi, type PulumiCli, pulumiEnvironment } from "@terminal-fleet/pulumi-cli";
import {
  addMember,
  callControl,
  prepareStack,
  type Sandbox,
  SandboxDirectory,
  sandboxEnvironment,
  startSandbox,
} from "@terminal-fleet/sandbox";
import { generateX25519Identity, identityToRecipient } from "age-encryption";
import { Steps } from "./steps.ts";
import type { Told } from "./terminal.ts";

/*
 * `npm run demo [-- --dir FOLDER]`: the main job from end to end, on this computer. It runs what a user runs: the real
 * engine, the unmodified program, the policy pack, and the command line. All files go to FOLDER; default .demo.
 */

const root = resolve(import.meta.dirname, "..", "..");
const { values: options } = parseArgs({ options: { dir: { type: "string", default: ".demo" } } });
const dir = resolve(root, options.dir);
/** A sandbox takes only a folder of its own. */
const sandboxDir = join(dir, "sandbox");
const example = join("examples", "example-municipality.csv");
const fleetPage = join(dir, "fleet.html");
const terminal = "example-hall-01";
const steps = new Steps();

try {
  await demo();
  await steps.close();
} catch (error) {
  console.error(styleText("red", `\nThe demo stopped: ${(error as Error).message}`));
  await steps.close();
  process.exitCode = 1;
}

async function demo(): Promise<void> {
  if (await isRunning()) {
    throw new Error(`what it deployed last time runs: npm run sandbox -- --dir ${shown(sandboxDir)} down`);
  }
  if (existsSync(dir) && readdirSync(dir).length > 0 && !existsSync(join(sandboxDir, "state.sqlite"))) {
    throw new Error(`${shown(dir)} contains files that are not the demo's; name an empty folder by --dir`);
  }
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir, { recursive: true, mode: 0o700 });

  const cli = await steps.step("Find the Pulumi CLI", async () => {
    const found = await findPulumi((line) => console.log(`   ${line}`));
    console.log(`   ${found.path}`);
    return found;
  });
  const sandbox = await steps.step("Start Azure on this computer", async () => {
    const started = await startSandbox({ dir: sandboxDir });
    steps.atEnd(() => started.close());
    console.log(`   one proxy takes the real Azure host names: ${started.proxy.url}`);
    return started;
  });
  const deployer = environment(cli, sandbox, "deployer");
  const configFile = await deploy(cli, sandbox, deployer);
  const handovers = await onboard(sandbox, cli);
  await useAndRevoke(environment(cli, sandbox, "operator"), handovers);
  summary(configFile);
}

/** Whether somebody looks around in what the last demo deployed. */
function isRunning(): Promise<boolean> {
  return callControl(new SandboxDirectory(sandboxDir).socket(), "GET", "/status").then(
    () => true,
    () => false,
  );
}

/** Deploys the program with the policy pack on, and once more to see that nothing changes. */
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
  await steps.step("Deploy dev, judged by the policy pack", async () => {
    const output = await steps.run(cli.path, [...up, "--policy-pack", "policies"], {
      cwd: root,
      env,
      quiet: true,
    });
    // What the engine says last: the policy pack's verdict, the outputs, and the count of resources.
    console.log(output.slice(output.indexOf("Policies:")).trimEnd().replace(/^/gm, "   "));
  });
  await steps.step("Deploy again: nothing changes", async () => {
    const output = await steps.run(cli.path, [...up, "--expect-no-changes"], { cwd: root, env, quiet: true });
    console.log(`   ${/\d+ unchanged/.exec(output)?.[0] ?? output}`);
  });
  return configFile;
}

/** Onboards the example batch as an operator whose rights come from the group that the program declares. */
async function onboard(sandbox: Sandbox, cli: PulumiCli): Promise<{ folder: string; identity: string }> {
  const folder = join(dir, "handover");
  const identity = join(dir, "installer-key.txt");
  const key = await generateX25519Identity();
  writeFileSync(identity, `${key}\n`, { mode: 0o600 });
  const recipient = await identityToRecipient(key);
  // A journal is kept beside a batch; the example's folder stays as it is.
  const batch = join(dir, basename(example));
  copyFileSync(join(root, example), batch);
  await steps.step(
    "Make the operator a member of the operators' group, as the tenant's administrator would",
    async () => {
      const group = await steps.run(
        cli.path,
        ["stack", "output", "operatorsGroupName", "--stack", "dev", "--non-interactive"],
        { cwd: root, env: environment(cli, sandbox, "deployer"), quiet: true },
      );
      addMember(sandbox, group.trim(), "operator");
      console.log(`   ${group.trim()}`);
    },
  );
  const env = environment(cli, sandbox, "operator");
  const command = ["onboard", batch, "--stack", "dev", "--out", folder, "--recipient", recipient, "--yes"];
  await steps.step(`Onboard ${example}: 25 terminals of two sites`, () => runTerminals(command, env));
  await steps.step("Onboard the same batch again: nothing changes", () => runTerminals(command, env));
  console.log(`   ${readdirSync(folder).filter((name) => name.endsWith(".age")).length} sealed hand-overs`);
  return { folder, identity };
}

/** Lets one terminal use what it was handed, revokes it, and lets it try again. */
async function useAndRevoke(
  env: NodeJS.ProcessEnv,
  handovers: { folder: string; identity: string },
): Promise<void> {
  const sealed = join(handovers.folder, `${terminal}.age`);
  const handover = await steps.step(`Open the hand-over of ${terminal}, as its installer would`, async () => {
    const opened = JSON.parse(
      await runTerminals(["open", sealed, "--identity", handovers.identity], env, { quiet: true }),
    );
    console.log(
      JSON.stringify(opened, (name, value) => (/key$/i.test(name) ? "…" : value), 2).replace(/^/gm, "   "),
    );
    return opened;
  });
  await steps.step(`Send a file to ${terminal}, with a key of its own`, () => {
    const file = join(dir, "employees.csv");
    writeFileSync(file, "number,name\n1001,Example Employee One\n1002,Example Employee Two\n");
    return runTerminals(["send", terminal, file, "--stack", "dev"], env);
  });
  let fileUrl: string | undefined;
  const knock = async (expectOpen: boolean) => {
    const input = JSON.stringify({ handover, fileUrl });
    const program = [join(root, "tools", "demo", "terminal.ts")];
    const said = await steps.run(process.execPath, program, {
      env: { ...env, NODE_USE_ENV_PROXY: "1" },
      input,
      quiet: true,
    });
    const told = JSON.parse(said) as Told;
    fileUrl = told.fileUrl;
    const { knocks } = told;
    for (const { door, open, answer } of knocks) {
      const mark = open ? styleText("green", "open  ") : styleText("red", "closed");
      console.log(`   ${door.padEnd(9)} ${mark}  ${answer}`);
    }
    const wrong = knocks.filter(({ open }) => open !== expectOpen);
    if (wrong.length > 0) {
      const doors = wrong.map(({ door }) => door).join(", ");
      throw new Error(`${doors} should be ${expectOpen ? "open to" : "closed to"} ${terminal}`);
    }
  };
  await steps.step("The terminal uses its three doors, with nothing but its hand-over", () => knock(true));
  await steps.step(`Revoke ${terminal}`, () =>
    runTerminals(["revoke", terminal, "--stack", "dev", "--reason", "demo: stolen", "--yes"], env),
  );
  await steps.step("The revoked terminal tries the same again", () => knock(false));
  await steps.step("See how the fleet stands, as a page", () =>
    runTerminals(["status", "--stack", "dev", "--html", fleetPage], env),
  );
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

/** A path for a command that runs in the project's folder. */
function shown(path: string): string {
  const fromRoot = relative(root, path);
  return fromRoot.startsWith("..") || isAbsolute(fromRoot) ? path : fromRoot;
}

function summary(configFile: string): void {
  console.log(styleText("bold", "\nDone"));
  for (const { title, seconds } of steps.done) console.log(`  ${seconds.toFixed(1).padStart(6)} s  ${title}`);
  const total = steps.done.reduce((sum, { seconds }) => sum + seconds, 0);
  console.log(`  ${total.toFixed(1).padStart(6)} s  in all`);
  const folder = shown(sandboxDir);
  console.log(`
The fleet by site is ${shown(fleetPage)}: open it in a browser.
Everything is kept in ${shown(dir)}. To look around in what was deployed:
  npm run sandbox -- --dir ${folder} up
  eval "$(npm run -s sandbox -- --dir ${folder} env)"
  npm run pulumi -- stack output --stack dev
  npm run pulumi -- up --stack dev --config-file ${shown(configFile)}
Then read docs/architecture.md, change something in components/, and see what the policies say.`);
}
