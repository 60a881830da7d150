import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Command, type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import { exitCodeMeanings, exitCodes, outcomes } from "../lib/exit-codes.ts";
import { printable } from "../lib/printable.ts";
import { helpWords, translateUsageError } from "../terminal-ui/commander-words.ts";
import { helpHint } from "../terminal-ui/format-error.ts";
import { languages } from "../words/language.ts";
import { t } from "../words/translate.ts";
import type { CommandContext } from "./command.ts";
import { commands } from "./index.ts";

const { version: packageVersion } = JSON.parse(
  readFileSync(join(import.meta.dirname, "..", "package.json"), "utf8"),
) as { version: string };

/**
 * Creates the program `terminals` with all its commands.
 * @throws On `parseAsync`: commander's CommanderError for a wrong command line, and after `--help`.
 */
export function createProgram(context: Omit<CommandContext, "command">): Command {
  const { stdout, stderr, json } = context.output;
  const program = new Command("terminals")
    .description(t`Onboards, serves and revokes the terminals of a deployed stack.`)
    .addOption(
      new Option("--lang <language>", t`language of help, messages and pages; default: the system's`).choices(
        languages,
      ),
    )
    .helpOption("-h, --help", t`display help for command`)
    .helpCommand("help [command]", t`display help for command`)
    .configureHelp({ showGlobalOptions: true, ...helpWords() })
    .version(packageVersion, "--version", t`show the version`)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      // With --json, the caller writes a usage error as a JSON object.
      writeErr: (text) => json || stderr.write(text),
      outputError: (text, write) => write(printableError(text)),
      getOutHelpWidth: () => stdout.columns ?? 80,
      getErrHelpWidth: () => stderr.columns ?? 80,
    })
    .showHelpAfterError(helpHint())
    .addHelpText("after", `\n${exitCodesHelp()}`);
  for (const create of commands) program.addCommand(create(context));
  inheritSettings(program);
  return program as unknown as Command;
}

/** An error of commander, which may quote arguments: one line, and for a misspelled name the suggestion below it. */
function printableError(text: string): string {
  const [, message = "", suggestion = ""] = /^(.*?)(\n\(Did you mean [^\n]*\?\))?\n?$/s.exec(text) ?? [];
  return `${translateUsageError(printable(message) + suggestion)}\n`;
}

/** Copies the settings of a program to its commands, which `addCommand` does not do. */
function inheritSettings(parent: CommandUnknownOpts): void {
  for (const command of parent.commands) {
    command.copyInheritedSettings(parent);
    inheritSettings(command);
  }
}

function exitCodesHelp(): string {
  const codes = outcomes.map((outcome) => `${exitCodes[outcome]} ${exitCodeMeanings[outcome].summary}`);
  const continuing = outcomes
    .filter((outcome) => exitCodeMeanings[outcome].runAgain === "continues")
    .map((outcome) => exitCodes[outcome]);
  const last = continuing.pop();
  return [
    t`Exit codes: ${codes.join("; ")}.`,
    t`After ${continuing.join(", ")} and ${last ?? ""}, running the same command again continues.`,
  ].join("\n");
}
