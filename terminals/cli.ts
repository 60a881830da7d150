import "./cli/quiet-libraries.ts";
import { enableCompileCache } from "node:module";
import { join } from "node:path";
import { Command, CommanderError, Option } from "commander";
import { addLifeCommands } from "./cli/life-commands.ts";
import { Output } from "./cli/output.ts";
import { addOverviewCommands } from "./cli/overview-commands.ts";
import { OperatorError } from "./errors.ts";
import { exitCodes } from "./exit-codes.ts";

// The Azure SDKs are large: compiled once, they load in half the time. Not in the common temporary folder, where
// another account of this computer could put code.
enableCompileCache(join(import.meta.dirname, "..", "node_modules", ".cache", "terminals"));

/** `npm run terminals -- COMMAND`: what operators do with terminals once the stack is deployed. */
async function main(argv: string[]): Promise<number> {
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
  try {
    await makeProgram(interruption.signal).parseAsync(argv, { from: "user" });
    return exitCodes.done;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
    const told =
      error instanceof OperatorError
        ? error
        : new OperatorError("defect", `a defect of this program: ${(error as Error).stack}`);
    new Output({ json: argv.includes("--json") }).error(told);
    return exitCodes[told.outcome];
  }
}

function makeProgram(signal: AbortSignal): Command {
  const program = new Command("terminals")
    .description("Onboards, serves and revokes the terminals of a deployed stack.")
    .exitOverride()
    .showHelpAfterError("Add --help for the options and examples.")
    .addHelpText("after", `\n${exitCodesHelp}`);

  const onStack = (command: Command) =>
    command
      .option("--stack <name>", "the Pulumi stack to work on")
      .addOption(
        new Option(
          "--outputs <file>",
          "the stack's outputs, as `pulumi stack output --json` wrote them",
        ).conflicts("stack"),
      )
      .option("--json", "write one JSON object a line, for machines");

  const changing = (command: Command) =>
    onStack(command).option("--reason <text>", "why; it is kept in the audit log");

  changing(program.command("onboard"))
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
      (await import("./cli/onboard-command.ts")).onboardCommand(file, options, signal),
    );

  program
    .command("open")
    .description("show a sealed hand-over; it is all secret")
    .argument("<file>", "a hand-over, TERMINAL.age")
    .option("--identity <file>", "your key, as age-keygen wrote it; without it a passphrase is asked for")
    .addHelpText("after", example("terminals open hand-overs/example-001.age --identity key.txt"))
    .action(async (file, options) => (await import("./cli/open-command.ts")).openCommand(file, options));

  addOverviewCommands(program, onStack, signal);
  addLifeCommands(program, onStack, signal);

  const days: [string, string, NumberConstructor, number] = [
    "--days <number>",
    "how long the file's key is valid, at most 30",
    Number,
    30,
  ];
  changing(program.command("send"))
    .description(
      "offer files to a terminal, which fetches them when it is online; running it again continues",
    )
    .argument("<terminal>", "the terminal's id")
    .argument("<file...>", "files on this computer")
    .option("--name <name>", "its name for the terminal; default the file's own")
    .option(...days)
    .option("--show-link", "show the URL too; it holds the file's key, so whoever has it can fetch the file")
    .addHelpText("after", example("terminals send example-001 employees.csv --stack dev --days 7"))
    .action(async (terminal, files, options) =>
      (await import("./cli/send-command.ts")).sendCommand(terminal, files, options, signal),
    );

  changing(program.command("request"))
    .description("ask a terminal for one of its files, which it delivers when it is online")
    .argument("<terminal>", "the terminal's id")
    .argument("<name>", "the file's name at the terminal, for example terminal.log")
    .option(...days)
    .addHelpText("after", example("terminals request example-001 terminal.log --stack dev"))
    .action(async (terminal, name, options) =>
      (await import("./cli/request-command.ts")).requestCommand(terminal, name, options, signal),
    );

  changing(program.command("files"))
    .description("show what is under way to and from a terminal, and until when")
    .argument("<terminal>", "the terminal's id")
    .addOption(
      new Option("--collect <folder>", "fetch what it has delivered into this folder").conflicts("withdraw"),
    )
    .option("--withdraw <id>", "take an offer back and delete its file; can be repeated", collect)
    .addHelpText(
      "after",
      example(
        "terminals files example-001 --stack dev",
        "terminals files example-001 --stack dev --collect logs",
      ),
    )
    .action(async (terminal, options) =>
      (await import("./cli/files-command.ts")).filesCommand(terminal, options, signal),
    );

  changing(program.command("rotate-signing-key"))
    .description("let the two keys that sign files' keys take turns; it says when that is possible")
    .option("--emergency", "make both anew at once: it ends every file's key")
    .option("--yes", "do not ask")
    .addHelpText("after", example("terminals rotate-signing-key --stack dev"))
    .action(async (options) =>
      (await import("./cli/rotate-signing-key-command.ts")).rotateSigningKeyCommand(options, signal),
    );

  program
    .command("simulate")
    .description("run the reference terminal, once for each hand-over, until Ctrl-C")
    .argument("<handover...>", "hand-overs TERMINAL.age, or folders of them")
    .option("--identity <file>", "the key that opens them; without it a passphrase is asked for")
    .option("--count <number>", "start only the first so many", Number)
    .option("--folder <folder>", "where the terminals keep their files", "simulated-terminals")
    .option("--lookup <path>", "what each looks up at the Flow API, for example v1/employees/1001")
    .option("--lookup-every <seconds>", "how often; 0 for once", Number, 0)
    .option("--for <seconds>", "end after so many seconds", Number)
    .option("--json", "write one JSON object a line, for machines")
    .addHelpText(
      "after",
      example("terminals simulate hand-overs/example-001.age --identity key.txt --lookup v1/employees/1001"),
    )
    .action(async (handovers, options) =>
      (await import("./cli/simulate-command.ts")).simulateCommand(handovers, options, signal),
    );
  return program;
}

function collect(value: string, before: string[] = []): string[] {
  return [...before, value];
}

function example(...lines: string[]): string {
  return `\nExamples:\n${lines.map((line) => `  ${line}`).join("\n")}`;
}

const exitCodesHelp = `Exit codes: ${exitCodes.done} all done; ${exitCodes.failed} some failed; ${exitCodes.usage} wrong command line, batch or outputs; ${exitCodes.notAllowed} not signed in or a role is missing; ${exitCodes.unreachable} a service cannot be reached; ${exitCodes.waiting} under way, goes on later; ${exitCodes.interrupted} interrupted. After 1, 4, 5 and ${exitCodes.interrupted}, running the same command again continues.`;

process.exitCode = await main(process.argv.slice(2));
