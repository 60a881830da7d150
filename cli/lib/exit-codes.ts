/** What a command's exit code says. These numbers stay as they are: scripts rely on them. */
export const exitCodes = {
  /** Everything that was asked for is done, or was done already. */
  done: 0,
  /** Some of it failed; what failed is listed. Running the command again continues. */
  failed: 1,
  /** The command line, a file that it names, the batch, the stack's outputs or the environment is wrong; nothing was changed. */
  usage: 2,
  /** Not signed in, or a role is missing. */
  notAllowed: 3,
  /** A service cannot be reached, or still refuses after many tries. Running the command again continues. */
  unreachable: 4,
  /** It is under way and nothing failed, but it takes time: running the command again, later, goes on with it. */
  waiting: 5,
  /** This program has a defect: please report what it says. Running the command again continues. */
  defect: 70,
  /** Interrupted with Ctrl-C or SIGTERM, or a question was not answered with yes. Running the command again continues. */
  interrupted: 130,
} as const;

export type Outcome = keyof typeof exitCodes;
