import { isJsonRequested } from "./arguments/json-option.ts";
import { exitCodes } from "./lib/exit-codes.ts";
import { runCommandLine } from "./run-command-line.ts";
import { formatError } from "./terminal-ui/format-error.ts";
import { Output } from "./terminal-ui/output.ts";
import { t } from "./words/translate.ts";

/* Runs the command line with the arguments, signals and streams of this process. main.ts loads this module. */

const interruption = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    if (interruption.signal.aborted) process.exit(exitCodes.interrupted);
    interruption.abort();
    const stopping = t`Stopping: the calls that were started are completed. Press Ctrl-C again to exit at once. Either way, running the command again continues.`;
    process.stderr.write(`\n${stopping}\n`);
  });
}

const { stdin, stdout, stderr } = process;
// Node would write the message of an error outside the command's own promise as it is, with text from outside in it.
process.on("uncaughtException", (error) => {
  const explained = formatError(error);
  new Output({ json: isJsonRequested(process.argv) }).error(explained);
  process.exit(exitCodes[explained.outcome]);
});
process.exitCode = await runCommandLine(process.argv.slice(2), { stdin, stdout, stderr, interruption });

// A service that does not answer can still hold calls of which the result is already reported. They must not keep the
// process running. Output that a slow reader has not taken yet is waited for.
const exitTimer = setInterval(() => {
  if (stdout.writableLength === 0 && stderr.writableLength === 0) process.exit();
}, 1_000);
exitTimer.unref();
