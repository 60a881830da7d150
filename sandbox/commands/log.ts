import { closeSync, existsSync, fstatSync, openSync, readSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { Command } from "commander";
import type { CommandContext } from "./command-context.ts";

const pollMs = 200;

/** Adds `azure-sandbox log`. */
export function addLogCommand(program: Command, { directory, ownCommand, print }: CommandContext): void {
  program
    .command("log")
    .description(
      "print the sandbox's log: failures, refused connections, starts and stops; it contains no keys",
    )
    .option("-f, --follow", "wait for further lines, until Ctrl-C")
    .action(async ({ follow = false }: { follow?: boolean }) => {
      const file = directory().log;
      if (!existsSync(file) && !follow) {
        throw new Error(
          `There is no log ${file}: the sandbox never ran there. Start it with: ${ownCommand("up")}`,
        );
      }
      const reader = new LogReader(file);
      for (;;) {
        for (const line of reader.readLines()) print(line);
        if (!follow) return;
        await sleep(pollMs);
      }
    });
}

/** Reads the lines that were added to a file since the last call. */
class LogReader {
  private readonly file: string;
  private position = 0;
  private rest = "";

  constructor(file: string) {
    this.file = file;
  }

  readLines(): string[] {
    if (!existsSync(this.file)) {
      this.position = 0;
      return [];
    }
    const descriptor = openSync(this.file, "r");
    try {
      const { size } = fstatSync(descriptor);
      // After a reset the log starts from its beginning.
      if (size < this.position) this.position = 0;
      const added = Buffer.alloc(size - this.position);
      this.position += readSync(descriptor, added, 0, added.length, this.position);
      const lines = (this.rest + added.toString("utf8")).split("\n");
      this.rest = lines.pop() ?? "";
      return lines;
    } finally {
      closeSync(descriptor);
    }
  }
}
