import { fork } from "node:child_process";
import { closeSync, existsSync, openSync } from "node:fs";
import { join, resolve } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { prepareStack } from "./core/prepare-stack.ts";
import { callControl, NotRunning, type Status } from "./daemon/control.ts";
import { SandboxDirectory } from "./daemon/sandbox-directory.ts";
import { type Shell, shellLines, shellOfThisUser, shells } from "./daemon/shell.ts";

const projectRoot = resolve(import.meta.dirname, "..");

const program = new Command("sandbox")
  .description("Azure on this computer: the program deploys into it unmodified, with the real Pulumi engine.")
  .option("--dir <folder>", "where the sandbox keeps everything (default: SANDBOX_DIR, else .sandbox)")
  .showHelpAfterError();
const place = () => new SandboxDirectory(program.opts<{ dir?: string }>().dir);
const as = () =>
  new Option(
    "--as <who>",
    "who signs in: the owner who deploys, or an operator whose rights come from groups",
  )
    .choices(["deployer", "operator"])
    .default("deployer");

program
  .command("up")
  .description("start it, or say that it runs")
  .option(
    "--port <number>",
    "port of its proxy on 127.0.0.1 (default: any free one, kept from then on)",
    port,
  )
  .option("--no-throttling", "do not enforce the hub's throttles and quotas")
  .action(async (options: { port?: string; throttling: boolean }) => {
    place().claim();
    const running = await statusOrNothing(place());
    if (running) return say(`The sandbox runs already (process ${running.pid}, proxy ${running.proxyUrl}).`);
    const stale = place().pid;
    await start(place(), options);
    if (stale) say(`Process ${stale} ended without closing the sandbox; its state is whole, so it goes on.`);
    const status = await callControl<Status>(place().socket(), "GET", "/status");
    say(`The sandbox is up: process ${status.pid}, proxy ${status.proxyUrl}, state in ${place().dir}.`);
    say(
      'Turn this shell to it with: eval "$(npm run -s sandbox -- env)"   (PowerShell, cmd, fish: see env --help)',
    );
  });

program
  .command("down")
  .description("stop it; its state stays")
  .action(async () => {
    say((await stop(place())) ? "The sandbox is down; its state is kept." : "The sandbox does not run.");
  });

program
  .command("status")
  .description("what runs and what is deployed")
  .option("--json", "for machines")
  .action(async ({ json }: { json?: boolean }) => {
    const status = await callControl<Status>(place().socket(), "GET", "/status");
    if (json) return say(JSON.stringify(status, null, 2));
    say(`The sandbox runs: process ${status.pid} since ${status.startedAt}`);
    say(`  proxy         ${status.proxyUrl}`);
    say(`  CA            ${status.caFile}`);
    say(`  subscription  ${status.subscriptionId}`);
    if (status.clockOffsetMs) say(`  clock         moved by ${status.clockOffsetMs / 3_600_000} hours`);
    for (const [type, count] of Object.entries(status.resources))
      say(`  ${String(count).padStart(4)} × ${type}`);
  });

program
  .command("env")
  .description("print the variables that turn a shell to it, as docker-env does for minikube")
  .addOption(as())
  .addOption(
    new Option("--shell <name>", "whose syntax (default: this user's shell)").choices([...shells, "json"]),
  )
  .action(async (options: { as: string; shell?: Shell | "json" }) => {
    const env = await callControl<Record<string, string>>(place().socket(), "POST", "/env", {
      as: options.as,
    });
    if (options.shell === "json") return say(JSON.stringify(env, null, 2));
    for (const line of shellLines(env, options.shell ?? shellOfThisUser())) say(line);
  });

program
  .command("stack <name>")
  .description("make a stack in the sandbox's state, with a copy of its settings for pulumi's --config-file")
  .action(async (name: string) => {
    const env = await callControl<Record<string, string>>(place().socket(), "POST", "/env", {
      as: "deployer",
    });
    const settings = join(projectRoot, `Pulumi.${name}.yaml`);
    if (!existsSync(settings))
      throw new Error(`There are no settings for a stack ${name}: ${settings} is missing.`);
    const copy = await prepareStack(env, { stack: name, settings, dir: place().dir });
    say(`npm run pulumi -- up --stack ${name} --config-file ${copy}`);
  });

program
  .command("member <group>")
  .description("make one of the sandbox's people a member of a group, as the tenant's administrator would")
  .addOption(as().default("operator"))
  .action(async (group: string, options: { as: string }) => {
    await callControl(place().socket(), "POST", "/member", { group, as: options.as });
    say(`The ${options.as} is a member of ${group}.`);
  });

program
  .command("clock <hours>")
  .description(
    "move the sandbox's clock, for example by 721 hours to see 30-day keys expire; -721 moves it back",
  )
  .action(async (hours: string) => {
    if (hours.trim() === "" || !Number.isFinite(Number(hours))) {
      throw new Error(`${hours} is not a number of hours.`);
    }
    const moved = { moveMs: Number(hours) * 3_600_000 };
    const { now } = await callControl<{ now: string }>(place().socket(), "POST", "/clock", moved);
    say(`The sandbox's clock says ${now}.`);
  });

program
  .command("lifecycle")
  .description("run the storage accounts' lifecycle rules now, as Azure does once a day")
  .action(async () => {
    const { deleted } = await callControl<{ deleted: unknown }>(place().socket(), "POST", "/lifecycle");
    say(`Deleted by lifecycle rules: ${JSON.stringify(deleted)}`);
  });

program
  .command("reset")
  .description("stop it and forget everything, deployed stacks too")
  .action(async () => {
    await stop(place());
    const left = place().delete();
    say(`Nothing is left of the sandbox in ${place().dir}.`);
    if (left.length > 0) say(`What else is in that folder stays: ${left.join(", ")}`);
  });

await program.parseAsync().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = error instanceof NotRunning ? 3 : 1;
});

function port(text: string): string {
  if (/^\d+$/.test(text) && Number(text) > 0 && Number(text) < 65_536) return text;
  throw new InvalidArgumentError("It must be a number from 1 to 65535.");
}

function say(line: string): void {
  console.log(line);
}

async function statusOrNothing(at: SandboxDirectory): Promise<Status | undefined> {
  return callControl<Status>(at.socket(), "GET", "/status").catch((error) => {
    if (error instanceof NotRunning) return undefined;
    throw error;
  });
}

/** Starts the daemon and waits until it says that it is ready, or why it cannot be. */
async function start(at: SandboxDirectory, options: { port?: string; throttling: boolean }): Promise<void> {
  const log = openSync(at.log, "a", 0o600);
  const child = fork(join(import.meta.dirname, "daemon", "daemon.ts"), [at.dir], {
    detached: true,
    stdio: ["ignore", log, log, "ipc"],
    execArgv: ["--disable-warning=ExperimentalWarning"],
    env: {
      ...process.env,
      ...(options.port ? { SANDBOX_PORT: options.port } : {}),
      SANDBOX_THROTTLING: options.throttling ? "on" : "off",
    },
  });
  closeSync(log);
  await new Promise<void>((resolve, reject) => {
    child.on("message", (message: { ready?: true; failed?: string }) => {
      if (message.ready) resolve();
      else reject(new Error(`The sandbox did not start: ${message.failed}`));
    });
    child.on("exit", (code) => reject(new Error(`The sandbox ended with ${code}; see ${at.log}`)));
  });
  child.disconnect();
  child.unref();
}

/** Asks it to stop and waits until it has; false when it did not run. */
async function stop(at: SandboxDirectory): Promise<boolean> {
  const running = await statusOrNothing(at);
  if (!running) return false;
  await callControl(at.socket(), "POST", "/stop");
  for (let waited = 0; waited < 15_000; waited += 50) {
    if (!isAlive(running.pid)) return true;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`Process ${running.pid} does not end. See ${at.log}, then end it by hand.`);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
