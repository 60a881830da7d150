import type { SandboxDirectory } from "../daemon/sandbox-directory.ts";

/** What the commands of azure-sandbox share. */
export interface CommandContext {
  /** The folder that `--dir` or SANDBOX_DIR names. */
  directory(): SandboxDirectory;
  /** A command of this program for a person to run, with the `--dir` of this call. */
  ownCommand(command: string): string;
  /** Prints a line to standard output, without control characters. */
  print(line: string): void;
}

/** Prints a value as indented JSON. */
export function printJson(value: object, print: (line: string) => void): void {
  for (const line of JSON.stringify(value, null, 2).split("\n")) print(line);
}
