import { spawn } from "node:child_process";
import type { Command, Option } from "commander";
import { callControl } from "../daemon/control-client.ts";
import type { SandboxDirectory } from "../daemon/sandbox-directory.ts";
import { type DaemonOptions, readStatusIfRunning, stopDaemon } from "../daemon/start-daemon.ts";
import { checkExportTarget, exportState, importState } from "../daemon/state-folder.ts";
import type { CommandContext } from "./command-context.ts";
import { seedFrom } from "./seed.ts";

interface ExecOptions {
  as: string;
  port?: string;
  seed?: string;
  import?: string;
  export?: string;
  throttling: boolean;
}

/** How a command ended. */
interface Ending {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/**
 * Adds `azure-sandbox exec`.
 * @param start Starts the sandbox in the folder of `--dir`.
 */
export function addExecCommand(
  program: Command,
  context: CommandContext & {
    start(options: DaemonOptions): Promise<unknown>;
    principalOption(): Option;
    parsePort(text: string): string;
  },
): void {
  program
    .command("exec <command> [arguments...]")
    .usage("[options] -- <command> [arguments...]")
    .description(
      "start the sandbox, run a command with the variables of env, and stop the sandbox; the exit code is that of the command",
    )
    .addOption(context.principalOption())
    .option("--port <number>", "port of the proxy on 127.0.0.1 (default: a free port)", context.parsePort)
    .option("--seed <file>", "first create what a YAML file declares: see seed")
    .option("--import <folder>", "start with the state of an export")
    .option("--export <folder>", "at the end, copy the state into a folder")
    .option("--no-throttling", "do not enforce the throttles and quotas of the IoT Hub")
    .passThroughOptions()
    .action(async (command: string, args: string[], options: ExecOptions) => {
      const directory = context.directory();
      directory.claim();
      const isRunning = (await readStatusIfRunning(directory)) !== undefined;
      if (isRunning && (options.import ?? options.export) !== undefined) {
        throw new Error(
          `The sandbox runs already, so its state cannot be imported or exported. First run: ${context.ownCommand("down")}`,
        );
      }
      if (options.export !== undefined) checkExportTarget(options.export);
      if (options.import !== undefined) importState(directory, options.import);
      if (!isRunning) {
        const port = options.port === undefined ? undefined : Number(options.port);
        await context.start({ port, throttling: options.throttling, endsWithParent: true });
      }
      const ending = await runSeeded(directory, options, command, args).finally(async () => {
        // A sandbox that ran before stays up.
        if (isRunning) return;
        await stopDaemon(directory);
        if (options.export !== undefined) exportState(directory, options.export);
      });
      end(ending);
    });
}

async function runSeeded(
  directory: SandboxDirectory,
  { as, seed }: ExecOptions,
  command: string,
  args: string[],
): Promise<Ending> {
  if (seed !== undefined) await seedFrom(seed, directory);
  const variables = await callControl<Record<string, string>>(directory.socket(), "POST", "/env", { as });
  return runCommand(command, args, { ...process.env, ...variables });
}

/**
 * Runs a command with this process's streams, and passes signals on.
 * @throws With exit code 127 for a command that does not exist, as a shell does, and 126 for one that cannot be run.
 */
function runCommand(command: string, args: string[], env: NodeJS.ProcessEnv): Promise<Ending> {
  return new Promise((resolve, reject) => {
    // npm, npx and others are scripts on Windows, which only a shell starts.
    const child = spawn(command, args, { env, stdio: "inherit", shell: process.platform === "win32" });
    const passOn = (signal: NodeJS.Signals) => child.kill(signal);
    // A terminal sends Ctrl-C to the command as well.
    const hasTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
    const interrupt = () => hasTerminal || child.kill("SIGINT");
    process.on("SIGINT", interrupt);
    for (const signal of forwarded) process.on(signal, passOn);
    child.on("error", (error: NodeJS.ErrnoException) => {
      const missing = error.code === "ENOENT";
      const reason = missing ? "it does not exist on PATH" : error.message;
      reject(new CommandNotRun(`${command} cannot be run: ${reason}.`, missing ? 127 : 126));
    });
    child.on("exit", (code, signal) => resolve({ code, signal }));
  });
}

const forwarded: NodeJS.Signals[] = ["SIGTERM", "SIGHUP"];

/** The command of `exec` could not be started. */
export class CommandNotRun extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode: number) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** Ends this process as the command ended. */
function end({ code, signal }: Ending): void {
  if (signal === null) {
    process.exitCode = code ?? 1;
    return;
  }
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}
