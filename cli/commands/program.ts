import { Command, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { exitCodeMeanings, exitCodes, outcomes } from "../lib/exit-codes.ts";
import { printable } from "../lib/printable.ts";
import { helpHint } from "../terminal-ui/format-error.ts";
import type { CommandContext } from "./command.ts";
import { commands } from "./index.ts";

/**
 * Creates the program `terminals` with all its commands.
 * @throws On `parseAsync`: commander's CommanderError for a wrong command line, and after `--help`.
 */
export function createProgram(context: Omit<CommandContext, "command">): Command {
  const { stdout, stderr, json } = context.output;
  const program = new Command("terminals")
    .description("Onboards, serves and revokes the terminals of a deployed stack.")
    .exitOverride()
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      // With --json, the caller writes a usage error as a JSON object.
      writeErr: (text) => json || stderr.write(text),
      outputError: (text, write) => write(printableError(text)),
      getOutHelpWidth: () => stdout.columns ?? 80,
      getErrHelpWidth: () => stderr.columns ?? 80,
    })
    .showHelpAfterError(helpHint)
    .addHelpText("after", `\n${exitCodesHelp()}`);
  for (const create of commands) program.addCommand(create(context));
  inheritSettings(program);
  return program;
}

/** An error of commander, which may quote arguments: one line, and for a misspelled name the suggestion below it. */
function printableError(text: string): string {
  const [, message = "", suggestion = ""] = /^(.*?)(\n\(Did you mean [^\n]*\?\))?\n?$/s.exec(text) ?? [];
  return `${printable(message)}${suggestion}\n`;
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
  return `Exit codes: ${codes.join("; ")}.\nAfter ${continuing.join(", ")} and ${last}, running the same command again continues.`;
}
