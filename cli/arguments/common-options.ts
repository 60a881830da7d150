import { type Command, Option } from "commander";

/*
 * What many commands have in common on the command line.
 */

const changing = new WeakSet<Command>();

/** Options of a command that works on a deployed stack. */
export function onStack(command: Command): Command {
  return command
    .option("--stack <name>", "the Pulumi stack to work on")
    .addOption(
      new Option(
        "--outputs <file>",
        "the stack's outputs, as `pulumi stack output --json` wrote them",
      ).conflicts("stack"),
    )
    .option("--json", "write one JSON object a line, for machines");
}

/**
 * Options of a command that changes something there: what it has begun, it completes, even when nobody reads what it
 * writes any more.
 * @param options.reason Where the reason is kept; default the audit log.
 * @param options.mustSayWhy Whether a reason has to be given; default false.
 */
export function onStackChanging(
  command: Command,
  options: { reason?: string; mustSayWhy?: boolean } = {},
): Command {
  changing.add(command);
  const reason = new Option("--reason <text>", `why; it is kept ${options.reason ?? "in the audit log"}`);
  return onStack(command).addOption(reason.makeOptionMandatory(options.mustSayWhy ?? false));
}

/** Whether a command was given the options of one that changes something. */
export function isChanging(command: Command): boolean {
  return changing.has(command);
}

/** Options that say where sealed hand-overs go and who can open them. */
export function sealing(command: Command): Command {
  return command
    .option("--out <folder>", "where sealed hand-overs go")
    .option("--recipient <key>", "who can open them: an age recipient (age1…); can be repeated", collect)
    .option("--passphrase", "seal with a passphrase instead; it is asked for, or read from standard input");
}

/** Puts the values of an option that can be repeated together. */
export function collect(value: string, before: string[] = []): string[] {
  return [...before, value];
}

/** Examples at the end of a command's help. */
export function example(...lines: string[]): string {
  return `\nExamples:\n${lines.map((line) => `  ${line}`).join("\n")}`;
}
