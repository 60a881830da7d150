import "./disable-debug-logging.ts";
import { enableCompileCache } from "node:module";
import { join } from "node:path";
import { Command, CommanderError, Option } from "commander";
import { collect, example, isChanging, onStackChanging } from "./arguments/common-options.ts";
import { number, seconds } from "./arguments/numbers.ts";
import { addFileCommands } from "./commands/file-commands.ts";
import { addLifeCommands } from "./commands/life-commands.ts";
import { addOverviewCommands } from "./commands/overview-commands.ts";
import { exitCodes } from "./lib/exit-codes.ts";
import type { OperatorError } from "./lib/operator-error.ts";
import { BrokenPipe } from "./terminal-ui/broken-pipe.ts";
import { formatError, helpHint } from "./terminal-ui/format-error.ts";
import { Output } from "./terminal-ui/output.ts";
import { returnToCaller } from "./working-folder.ts";

// The Azure SDKs are large: compiled once, they load in half the time. Not in the common temporary folder, where
// another account of this computer could put code.
enableCompileCache(join(import.meta.dirname, "..", "node_modules", ".cache", "terminals"));

/** `npm run terminals -- COMMAND`: what operators do with terminals once the stack is deployed. */
async function main(argv: string[]): Promise<number> {
  const output = new Output({ json: argv.includes("--json") });
  const interruption = new AbortController();
  const interrupt = () => {
    if (interruption.signal.aborted) process.exit(exitCodes.interrupted);
    interruption.abort();
    process.stderr.write(
      "\nFinishing what is under way. Press Ctrl-C again to stop now; nothing is lost either way.\n",
    );
  };
  process.on("SIGINT", interrupt);
  process.on("SIGTERM", interrupt);
  const readers = new BrokenPipe(() => interruption.abort());
  let told: OperatorError | undefined;
  // What is wrong with the options commander has said itself, with a hint or the help; for machines it is silent.
  let isSaid = false;
  try {
    returnToCaller();
    await makeProgram(interruption.signal, { silent: output.json })
      .hook("preAction", (_, command) => {
        if (isChanging(command)) readers.expectChange();
      })
      .parseAsync(argv, { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return exitCodes.done;
    isSaid = error instanceof CommanderError && !output.json;
    told = formatError(error);
  }
  told = await readers.judge(told);
  if (!told) return exitCodes.done;
  if (!isSaid) output.error(told);
  return exitCodes[told.outcome];
}

/** @param options.silent Whether nothing is written of wrong options. */
function makeProgram(signal: AbortSignal, { silent }: { silent: boolean }): Command {
  const program = new Command("terminals")
    .description("Onboards, serves and revokes the terminals of a deployed stack.")
    .exitOverride()
    .configureOutput(silent ? { writeErr: () => {} } : {})
    .showHelpAfterError(helpHint)
    .addHelpText("after", `\n${exitCodesHelp}`);

  onStackChanging(program.command("onboard"))
    .description(
      "onboard a customer's batch of terminals; running it again continues and changes nothing else",
    )
    .argument("<file>", "CSV with the columns terminal and site, optionally customer and name")
    .requiredOption("--out <folder>", "where the sealed hand-overs go, one a terminal")
    .option(
      "--recipient <key>",
      "who can open the hand-overs: an age recipient (age1…); can be repeated",
      collect,
    )
    .option("--passphrase", "seal with a passphrase instead; it is asked for, or read from standard input")
    .option("--customer <id>", "the customer's id, when the batch has no such column")
    .option("--dry-run", "say what would happen and how long it would take; change nothing")
    .addOption(
      new Option(
        "--import <when>",
        "make the identities by the hub's own import job; auto: where its pace takes long",
      )
        .choices(["auto", "always", "never"])
        .default("auto"),
    )
    .option("--yes", "do not ask")
    .addHelpText(
      "after",
      example(
        "terminals onboard batch.csv --stack dev --out hand-overs --dry-run",
        "terminals onboard batch.csv --stack dev --out hand-overs --recipient age1…",
      ),
    )
    .action(async (file, options) =>
      (await import("./commands/onboard/onboard.ts")).onboardCommand(file, options, signal),
    );

  program
    .command("open")
    .description("show a sealed hand-over; it is all secret")
    .argument("<file>", "a hand-over, TERMINAL.age")
    .option("--identity <file>", "your key, as age-keygen wrote it; without it a passphrase is asked for")
    .option("--json", "write it as one JSON object on one line, for machines")
    .addHelpText("after", example("terminals open hand-overs/example-001.age --identity key.txt"))
    .action(async (file, options) => (await import("./commands/open/open.ts")).openCommand(file, options));

  addOverviewCommands(program, signal);
  addLifeCommands(program, signal);
  addFileCommands(program, signal);

  program
    .command("simulate")
    .description("run the reference terminal, once for each hand-over, until Ctrl-C")
    .argument("<handover...>", "hand-overs TERMINAL.age, or folders of them")
    .option("--identity <file>", "the key that opens them; without it a passphrase is asked for")
    .option(
      "--count <number>",
      "start only the first so many",
      number({ least: 1, most: 1_000_000, whole: true }),
    )
    .option("--folder <folder>", "where the terminals keep their files", "simulated-terminals")
    .option("--lookup <path>", "what each looks up at the Flow API, for example v1/employees/1001")
    .option("--lookup-every <seconds>", "how often; 0 for once", seconds, 0)
    .option("--for <seconds>", "end after so many seconds", seconds)
    .option("--json", "write one JSON object a line, for machines")
    .addHelpText(
      "after",
      example("terminals simulate hand-overs/example-001.age --identity key.txt --lookup v1/employees/1001"),
    )
    .action(async (handovers, options) =>
      (await import("./commands/simulate/simulate.ts")).simulateCommand(handovers, options, signal),
    );
  return program;
}

const exitCodesHelp = `Exit codes: ${exitCodes.done} all done; ${exitCodes.failed} some failed; ${exitCodes.usage} wrong command line, file, batch, outputs or environment; ${exitCodes.notAllowed} not signed in or a role is missing; ${exitCodes.unreachable} a service cannot be reached; ${exitCodes.waiting} under way, goes on later; ${exitCodes.defect} a defect of this program; ${exitCodes.interrupted} interrupted, or not confirmed. After 1, 4, 5, ${exitCodes.defect} and ${exitCodes.interrupted}, running the same command again continues.`;

process.exitCode = await main(process.argv.slice(2));
