import { type Command, Option } from "commander";
import { collect, example, onStackChanging } from "../arguments/common-options.ts";
import { number } from "../arguments/numbers.ts";

/** As `longestDays` of files/file-link.ts, which brings the storage SDK along: too much for a `--help`. */
const longestDays = 30;

const validity: [string, string, (text: string) => number, number] = [
  "--days <number>",
  "how long the file's key is valid, counted from 15 minutes before it is made, since clocks differ; 1/24 to 30",
  // Less than an hour leaves a terminal too little of it, or nothing.
  number({ least: 1 / 24, leastInWords: "1/24 (an hour)", most: longestDays }),
  longestDays,
];

/** Adds the commands that move files to and from terminals. */
export function addFileCommands(program: Command, signal: AbortSignal): void {
  onStackChanging(program.command("send"))
    .description(
      "offer files to a terminal, which fetches them when it is online; running it again continues",
    )
    .argument("<terminal>", "the terminal's id")
    .argument("<file...>", "files on this computer")
    .option("--name <name>", "its name for the terminal; default the file's own")
    .option(...validity)
    .option("--show-link", "show the URL too; it holds the file's key, so whoever has it can fetch the file")
    .addHelpText("after", example("terminals send example-001 employees.csv --stack dev --days 7"))
    .action(async (terminal, files, options) =>
      (await import("./send/send.ts")).sendCommand(terminal, files, options, signal),
    );

  onStackChanging(program.command("request"))
    .description("ask a terminal for one of its files, which it delivers when it is online")
    .argument("<terminal>", "the terminal's id")
    .argument("<name>", "the file's name at the terminal, for example terminal.log")
    .option(...validity)
    .addHelpText("after", example("terminals request example-001 terminal.log --stack dev"))
    .action(async (terminal, name, options) =>
      (await import("./request/request.ts")).requestCommand(terminal, name, options, signal),
    );

  onStackChanging(program.command("files"))
    .description("show what is under way to and from a terminal, and until when")
    .argument("<terminal>", "the terminal's id")
    .addOption(
      new Option("--collect <folder>", "fetch what it has delivered into this folder").conflicts("withdraw"),
    )
    .option("--withdraw <id>", "take an offer back and delete its file; can be repeated", collect)
    .option("--yes", "do not ask")
    .addHelpText(
      "after",
      example(
        "terminals files example-001 --stack dev",
        "terminals files example-001 --stack dev --collect logs",
      ),
    )
    .action(async (terminal, options) =>
      (await import("./files/files.ts")).filesCommand(terminal, options, signal),
    );

  onStackChanging(program.command("rotate-signing-key"))
    .description("let the two keys that sign files' keys take turns; it says when that is possible")
    .option("--emergency", "make both anew at once: it ends every file's key")
    .option("--yes", "do not ask")
    .addHelpText("after", example("terminals rotate-signing-key --stack dev"))
    .action(async (options) =>
      (await import("./rotate-signing-key/rotate-signing-key.ts")).rotateSigningKeyCommand(options, signal),
    );
}
