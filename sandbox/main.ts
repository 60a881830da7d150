import { existsSync, readFileSync } from "node:fs";
import { Command, InvalidArgumentError, Option } from "commander";
import { printJson } from "./commands/command-context.ts";
import { addExecCommand, CommandNotRun } from "./commands/exec.ts";
import { addFaultCommand } from "./commands/fault.ts";
import { addLogCommand } from "./commands/log.ts";
import { addSeedCommand } from "./commands/seed.ts";
import { printable } from "./core/printable.ts";
import { programFile } from "./core/program-file.ts";
import { callControl, NotRunning, type Status } from "./daemon/control-client.ts";
import { SandboxDirectory } from "./daemon/sandbox-directory.ts";
import { detectShell, type Shell, shellLines, shells } from "./daemon/shell.ts";
import {
  type DaemonOptions,
  readStatusIfRunning,
  StartFailure,
  startDaemon,
  stopDaemon,
} from "./daemon/start-daemon.ts";
import { checkExportTarget, exportState, importState } from "./daemon/state-folder.ts";
import type { AlertState } from "./services/monitor/alerts.ts";
import type { DeletedBlob } from "./services/storage/lifecycle.ts";

const program = new Command("azure-sandbox")
  .description("Azure on this computer: the unmodified program deploys into it with the real Pulumi engine.")
  .option("--dir <folder>", "folder of the sandbox's state (default: SANDBOX_DIR, else .sandbox)")
  // Options behind a command are the command's, so that those of `exec -- COMMAND` reach COMMAND.
  .enablePositionalOptions()
  .showHelpAfterError();
const directory = () => new SandboxDirectory(program.opts<{ dir?: string }>().dir);
/** A command of this program for a person to run: with the `--dir` of this call, so that it concerns the same sandbox. */
const ownCommand = (command: string): string => {
  const { dir } = program.opts<{ dir?: string }>();
  return ["npx azure-sandbox", ...(dir === undefined ? [] : [`--dir ${quotePath(dir)}`]), command].join(" ");
};
const principalOption = () =>
  new Option(
    "--as <who>",
    "who signs in: the deployer, who owns the subscription, or an operator, who has the roles of groups",
  )
    .choices(["deployer", "operator"])
    .default("deployer");

program
  .command("up")
  .description("start the sandbox, or report that it already runs")
  .option(
    "--port <number>",
    "port of its proxy on 127.0.0.1 (default: a free port, which later starts use again)",
    parsePort,
  )
  .option("--no-throttling", "do not enforce the throttles and quotas of the IoT Hub")
  .option("--import <folder>", "start with the state of an export: see down")
  .action(async (options: { port?: string; throttling: boolean; import?: string }) => {
    directory().claim();
    const running = await readStatusIfRunning(directory());
    if (options.import !== undefined) {
      if (running) {
        throw new Error(
          `The sandbox runs already, so no state can be imported. First run: ${ownCommand("reset")}`,
        );
      }
      importState(directory(), options.import);
    }
    if (running) {
      expectSameOptions(running, options);
      return print(`The sandbox already runs (process ${running.pid}, proxy ${running.proxyUrl}).`);
    }
    const killedPid = directory().pid;
    const port = options.port === undefined ? undefined : Number(options.port);
    const { portsChanged } = await start({ port, throttling: options.throttling });
    if (killedPid)
      print(
        `Process ${killedPid} ended without closing the sandbox. The sandbox starts from its state, which is complete.`,
      );
    const status = await callControl<Status>(directory().socket(), "GET", "/status");
    print(`The sandbox is up: process ${status.pid}, proxy ${status.proxyUrl}, state in ${directory().dir}.`);
    if (portsChanged) {
      print(
        "Another program uses a port of the last start, so the sandbox uses other ports now. Run env again in each shell.",
      );
    }
    print(
      `Direct this shell to it: eval "$(${ownCommand("env")})"   (PowerShell, cmd and fish: see docs/sandbox.md)`,
    );
  });

program
  .command("down")
  .description("stop the sandbox and keep its state")
  .option("--export <folder>", "then copy the state into a folder; the copy contains keys")
  .action(async (options: { export?: string }) => {
    if (options.export !== undefined) checkExportTarget(options.export);
    const stopped = await stopDaemon(directory());
    print(stopped ? "The sandbox is down. Its state is kept." : "The sandbox does not run.");
    if (options.export === undefined) return;
    print(`Its state was exported to ${exportState(directory(), options.export)}.`);
  });

program
  .command("status")
  .description("show the running sandbox and the number of deployed resources")
  .option("--json", "print JSON")
  .action(async ({ json }: { json?: boolean }) => {
    const status = await callControl<Status>(directory().socket(), "GET", "/status");
    if (json) return printJson(status, print);
    print(`The sandbox runs: process ${status.pid} since ${status.startedAt}`);
    print(`  proxy         ${status.proxyUrl}`);
    print(`  CA            ${status.caFile}`);
    print(`  subscription  ${status.subscriptionId}`);
    print(`  clock         ${status.now}${describeOffset(status.clockOffsetMs)}`);
    if (!status.throttling) print("  throttling    off");
    for (const [type, count] of Object.entries(status.resources))
      print(`  ${String(count).padStart(4)} × ${type}`);
  });

program
  .command("env")
  .description("print the environment variables that direct a shell to the sandbox")
  .addOption(principalOption())
  .addOption(
    new Option("--shell <name>", "syntax of the output (default: the shell of this user)").choices([
      ...shells,
      "json",
    ]),
  )
  .option(
    "--real-providers",
    "let Pulumi start its own azure-native provider, which calls the sandbox over REST (untried: see docs/sandbox.md)",
  )
  .action(async (options: { as: string; shell?: Shell | "json"; realProviders?: boolean }) => {
    const env = await callControl<Record<string, string>>(directory().socket(), "POST", "/env", {
      as: options.as,
      realProviders: options.realProviders ?? false,
    });
    if (options.shell === "json") return printJson(env, print);
    for (const line of shellLines(env, options.shell ?? detectShell())) print(line);
  });

// The npm package has no such command: it creates a stack of this repository's program.
const context = { directory, ownCommand, print };
if (existsSync(programFile("commands/stack"))) {
  const { addStackCommand } = await import("./commands/stack.ts");
  addStackCommand(program, context);
}
addExecCommand(program, { ...context, start, principalOption, parsePort });
addSeedCommand(program, context);
addFaultCommand(program, context);
addLogCommand(program, context);

program
  .command("member <group>")
  .description(
    "add the operator (or with --as the deployer) to a group, as an administrator of the tenant would; or remove it",
  )
  .addOption(principalOption().default("operator"))
  .option("--remove", "take the member out of the group")
  .action(async (group: string, { as, remove = false }: { as: string; remove?: boolean }) => {
    await callControl(directory().socket(), "POST", "/member", { group, as, remove });
    print(remove ? `The ${as} is no longer a member of ${group}.` : `The ${as} is a member of ${group}.`);
  });

program
  .command("clock <hours>")
  .description(
    "move the sandbox's clock, for example by 721 hours to see 30-day keys expire; a negative number moves it back",
  )
  .action(async (hours: string) => {
    if (hours.trim() === "" || !Number.isFinite(Number(hours))) {
      throw new Error(`${hours} is not a number of hours.`);
    }
    const move = { moveMs: Number(hours) * 3_600_000 };
    const { now } = await callControl<{ now: string }>(directory().socket(), "POST", "/clock", move);
    print(`The sandbox's clock is at ${now}.`);
  });

program
  .command("lifecycle")
  .description("run the lifecycle rules of the storage accounts now, as Azure does once a day")
  .option("--json", "print JSON")
  .action(async ({ json }: { json?: boolean }) => {
    const result = await callControl<{ deleted: DeletedBlob[] }>(directory().socket(), "POST", "/lifecycle");
    if (json) return printJson(result, print);
    const { deleted } = result;
    for (const { account, container, blob, rule } of deleted)
      print(`${account}/${container}/${blob}  (rule ${rule})`);
    const blobs = deleted.length === 1 ? "1 blob" : `${deleted.length || "no"} blobs`;
    print(`The lifecycle rules deleted ${blobs}.`);
  });

program
  .command("alerts")
  .description("evaluate the declared alerts over their windows, and show which of them fire")
  .action(async () => {
    const { alerts } = await callControl<{ alerts: AlertState[] }>(directory().socket(), "GET", "/alerts");
    for (const { name, severity, value, isFiring } of alerts) {
      print(`${isFiring ? "FIRING" : "ok    "}  severity ${severity}  ${name}  (${value})`);
    }
  });

program
  .command("conditions [file]")
  .description(
    "show what the subscription refuses (regions, resource providers, SKUs, policies), or set it from a JSON file",
  )
  .action(async (file?: string) => {
    const body = file === undefined ? undefined : JSON.parse(readFileSync(file, "utf8"));
    const conditions = await callControl<object>(
      directory().socket(),
      body === undefined ? "GET" : "POST",
      "/conditions",
      body,
    );
    printJson(conditions, print);
  });

program
  .command("reset")
  .description("stop the sandbox and delete its state, including deployed stacks")
  .action(async () => {
    await stopDaemon(directory());
    const remaining = directory().delete();
    print(`The sandbox in ${directory().dir} was deleted.`);
    if (remaining.length > 0) print(`The folder still contains other files: ${remaining.join(", ")}`);
  });

await program.parseAsync().catch((error: Error) => {
  const message =
    error instanceof NotRunning
      ? `The sandbox does not run. Start it with: ${ownCommand("up")}`
      : error.message;
  for (const line of message.split("\n")) console.error(printable(line));
  process.exitCode = error instanceof NotRunning ? 3 : error instanceof CommandNotRun ? error.exitCode : 1;
});

function parsePort(text: string): string {
  if (/^\d+$/.test(text) && Number(text) > 0 && Number(text) < 65_536) return text;
  throw new InvalidArgumentError("The port must be a number from 1 to 65535.");
}

function print(line: string): void {
  console.log(printable(line));
}

/**
 * Options of a start have no effect on a sandbox that runs.
 * @throws When they ask for something else than the sandbox has.
 */
function expectSameOptions(
  { proxyUrl, throttling }: Status,
  options: { port?: string; throttling: boolean },
): void {
  const { port } = new URL(proxyUrl);
  const different = [
    ...(options.port !== undefined && options.port !== port ? [`its proxy on port ${port}`] : []),
    ...(!options.throttling && throttling ? ["throttling on"] : []),
  ];
  if (different.length === 0) return;
  const wanted = [
    ...(options.port === undefined ? [] : [`--port ${options.port}`]),
    ...(options.throttling ? [] : ["--no-throttling"]),
  ];
  throw new Error(
    `The sandbox already runs, with ${different.join(" and ")}. To start it with other options: ${ownCommand("down")}, then ${ownCommand(["up", ...wanted].join(" "))}`,
  );
}

/** How far the sandbox's clock is from the computer's: ", 721 hours ahead of this computer"; empty when it is not moved. */
function describeOffset(offsetMs: number): string {
  if (offsetMs === 0) return "";
  const hours = Math.round(Math.abs(offsetMs) / 36_000) / 100;
  const amount =
    hours === 1 ? "1 hour" : hours > 0 ? `${hours} hours` : `${Math.abs(offsetMs) / 1000} seconds`;
  return `, ${amount} ${offsetMs > 0 ? "ahead of" : "behind"} this computer`;
}

/** A path for a command line. */
function quotePath(path: string): string {
  if (/^[\w./:@%+,~-]+$/.test(path) && !path.startsWith("~")) return path;
  return process.platform === "win32" ? `"${path}"` : `'${path.replaceAll("'", "'\\''")}'`;
}

/** Starts the daemon. @throws When it cannot start, with the reason and the remedy. */
async function start(options: DaemonOptions) {
  return startDaemon(directory(), options).catch((error: Error) => {
    if (!(error instanceof StartFailure && error.isPortInUse)) throw error;
    throw new Error(
      `${error.message} Stop that program, or choose another port: ${ownCommand("up --port N")}`,
    );
  });
}
