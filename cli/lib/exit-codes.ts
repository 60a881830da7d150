import { t } from "../words/translate.ts";

/** Exit codes of every command. Scripts rely on these numbers: do not change them. */
export const exitCodes = {
  done: 0,
  failed: 1,
  usage: 2,
  notAllowed: 3,
  unreachable: 4,
  waiting: 5,
  defect: 70,
  interrupted: 130,
} as const;

/** How a command ended. */
export type Outcome = keyof typeof exitCodes;

/** Whether running the same command again continues it. */
type RunAgain = "continues" | "after-fix" | "not-needed";

/** What each exit code means: `summary` in the help, `meaning` and `next` in docs/reference/exit-codes.md. */
export const exitCodeMeanings: Record<
  Outcome,
  { summary: string; meaning: string; next: string; runAgain: RunAgain }
> = {
  done: {
    get summary() {
      return t`all done`;
    },
    meaning: "Everything is done, or was done before.",
    next: "Nothing.",
    runAgain: "not-needed",
  },
  failed: {
    get summary() {
      return t`some failed`;
    },
    meaning: "Something failed. The command lists what.",
    next: "Follow the remedy of each failure, and run the command again. It continues.",
    runAgain: "continues",
  },
  usage: {
    get summary() {
      return t`wrong command line, file, batch, stack outputs or environment`;
    },
    meaning:
      "The command line, a file that it names, the batch, the stack outputs or an environment variable is wrong. Nothing was changed.",
    next: "Correct it, and run the command again.",
    runAgain: "after-fix",
  },
  notAllowed: {
    get summary() {
      return t`not signed in, or a role is missing`;
    },
    meaning:
      "You are not signed in to Azure, a role assignment is missing, or a setting of the service forbids the call. The message names the role or the setting.",
    next: "Sign in, or ask an administrator for the role or the setting. Then run the command again.",
    runAgain: "after-fix",
  },
  unreachable: {
    get summary() {
      return t`a service cannot be reached`;
    },
    meaning:
      "A service cannot be reached, a proxy answers in its place, or the service still rejects requests after several retries.",
    next: "Check the network and the proxy, and run the command again. It continues.",
    runAgain: "continues",
  },
  waiting: {
    get summary() {
      return t`waiting, nothing failed`;
    },
    meaning: "Nothing failed, but the command waits for a terminal or for a time to pass.",
    next: "Run the command again later. It continues.",
    runAgain: "continues",
  },
  defect: {
    get summary() {
      return t`defect of this program`;
    },
    meaning: "This program has a defect.",
    next: "Report the message. Running the command again continues.",
    runAgain: "continues",
  },
  interrupted: {
    get summary() {
      return t`interrupted, or not confirmed`;
    },
    meaning: "Ctrl-C or SIGTERM interrupted the command, or its question was not answered with yes.",
    next: "Run the command again. It continues.",
    runAgain: "continues",
  },
};

/** All outcomes, in the order of their exit codes. */
export const outcomes = Object.keys(exitCodes) as Outcome[];
