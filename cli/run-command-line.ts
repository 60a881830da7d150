import { CommanderError } from "@commander-js/extra-typings";
import { isChanging } from "./arguments/common-options.ts";
import { isJsonRequested } from "./arguments/json-option.ts";
import type { AzureAccess } from "./arguments/stack-connection.ts";
import { createProgram } from "./commands/program.ts";
import { exitCodes } from "./lib/exit-codes.ts";
import type { OperatorError } from "./lib/operator-error.ts";
import { BrokenPipe } from "./terminal-ui/broken-pipe.ts";
import { formatError } from "./terminal-ui/format-error.ts";
import { Output, type OutputStreams } from "./terminal-ui/output.ts";
import { type InputStream, Prompt } from "./terminal-ui/prompt.ts";
import { chooseLanguage, useLanguage } from "./words/language.ts";
import { changeToCallerFolder } from "./working-folder.ts";

/** What the command line uses of the process that runs it. */
export interface CommandLineProcess extends OutputStreams {
  stdin: InputStream;
  /** Aborts to interrupt the command: it completes the calls that it has started, and ends with exit code 130. */
  interruption: AbortController;
  /** How to reach Azure and sign in. Default: as the environment variables say. */
  azure?: AzureAccess;
}

/**
 * Runs one command line.
 * @param argv Arguments after the program's name.
 * @returns The exit code. Errors are written to the streams of `caller`, not thrown.
 */
export async function runCommandLine(argv: string[], caller: CommandLineProcess): Promise<number> {
  const { stdin, stdout, stderr, interruption, azure } = caller;
  const output = new Output({ json: isJsonRequested(argv), stdout, stderr });
  const pipe = new BrokenPipe(caller, () => interruption.abort());
  let error: OperatorError | undefined;
  let isReported = false;
  try {
    changeToCallerFolder();
    await useLanguage(chooseLanguage(argv, { variables: process.env, systemLocale: systemLocale() }));
    await createProgram({ signal: interruption.signal, output, prompt: new Prompt(stdin), azure })
      .hook("preAction", (_, command) => {
        if (isChanging(command)) pipe.keepRunning();
      })
      .parseAsync(argv, { from: "user" });
  } catch (thrown) {
    const isCommanders = thrown instanceof CommanderError;
    if (isCommanders && thrown.exitCode === 0) return exitCodes.done;
    // Commander has written its errors itself, with a hint or the help; with --json it writes nothing.
    isReported = isCommanders && !output.json;
    error = formatError(thrown);
  }
  error = await pipe.resolveOutcome(error);
  if (!error) return exitCodes.done;
  if (!isReported) output.error(error);
  return exitCodes[error.outcome];
}

function systemLocale(): string {
  return new Intl.DateTimeFormat().resolvedOptions().locale;
}
