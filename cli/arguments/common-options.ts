import { Command, type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import { t } from "../words/translate.ts";

/*
 * Options that several commands share, and properties of a definition that commander does not have. A definition is a
 * function, so that each run of the command line parses its arguments into a new `Command`.
 */

/** The options that a definition declares, as the handler receives them: `OptionsOf<typeof defineRevoke>`. */
export type OptionsOf<Definition extends () => { opts(): object }> = ReturnType<
  ReturnType<Definition>["opts"]
>;

/** A command that works on a deployed stack. */
export function stackCommand(name: string) {
  return new Command(name)
    .option("--stack <name>", t`name of the Pulumi stack; default: TERMINALS_STACK`)
    .addOption(
      new Option(
        "--outputs <file>",
        t`the stack's outputs, as written by \`npm run -s pulumi -- stack output --json\``,
      ).conflicts("stack"),
    )
    .option("--json", t`write one JSON object per line, for programs`);
}

/** Options of every command that works on a deployed stack. */
export type StackOptions = OptionsOf<() => ReturnType<typeof stackCommand>>;

/**
 * A command that changes something in a deployed stack and records it in the audit log.
 * @param reasonDescription Describes the option `--reason`: where the reason is stored.
 */
export function changingCommand(name: string, reasonDescription = t`reason, stored in the audit log`) {
  return markChanging(stackCommand(name).option("--reason <text>", reasonDescription));
}

/** A changing command that writes sealed credential bundles. */
export function bundleCommand(name: string, reasonDescription?: string) {
  return changingCommand(name, reasonDescription)
    .option("--out <folder>", t`folder for the sealed credential bundles`)
    .option(
      "--recipient <key>",
      t`age recipient (age1…) who can open the bundles; can be repeated`,
      collectValues,
    )
    .option("--passphrase", passphraseDescription());
}

/** Where sealed credential bundles are written, and who can open them. */
export type SealingOptions = Pick<
  OptionsOf<() => ReturnType<typeof bundleCommand>>,
  "out" | "recipient" | "passphrase"
>;

export function passphraseDescription(): string {
  return t`seal with a passphrase instead; it is asked for, or read from standard input`;
}

/** Collects the values of an option that can be repeated. */
export function collectValues(value: string, before: string[] = []): string[] {
  return [...before, value];
}

const changing = new WeakMap<CommandUnknownOpts, () => boolean>();
const examples = new WeakMap<CommandUnknownOpts, string[]>();

/**
 * Marks a command as one that changes something: it completes even if its standard output closes.
 * @param when Decides by the parsed options; default always.
 */
export function markChanging<Marked extends CommandUnknownOpts>(
  command: Marked,
  when: (options: ReturnType<Marked["opts"]>) => boolean = () => true,
): Marked {
  changing.set(command, () => when(command.opts() as ReturnType<Marked["opts"]>));
  return command;
}

/** Whether a command, with the options that were parsed, changes something. */
export function isChanging(command: CommandUnknownOpts): boolean {
  return changing.get(command)?.() ?? false;
}

/** Adds examples to the end of a command's help. */
export function withExamples<Documented extends CommandUnknownOpts>(
  command: Documented,
  ...lines: string[]
): Documented {
  examples.set(command, lines);
  command.addHelpText("after", `\n${t`Examples:`}\n${lines.map((line) => `  ${line}`).join("\n")}`);
  return command;
}

/** The examples of a command. */
export function examplesOf(command: CommandUnknownOpts): string[] {
  return examples.get(command) ?? [];
}
