import type { CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import { OperatorError } from "../../lib/operator-error.ts";
import { t } from "../../words/translate.ts";
import type { CommandContext } from "../command.ts";
import {
  bashScript,
  type CommandDescription,
  fishScript,
  powershellScript,
  zshScript,
} from "./completion-scripts.ts";

const scripts: Record<string, (name: string, commands: CommandDescription[]) => string> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
  powershell: powershellScript,
};

/** `completion SHELL`: writes the completion script on standard output. */
export async function run(
  shell: string,
  _options: object,
  { command, output }: CommandContext,
): Promise<void> {
  output.stdout.write(completionScript(command.parent ?? command, shell));
}

/**
 * Creates the script that lets a shell complete the program's commands and options. For arguments and values that can
 * be a file, the shell completes file names.
 * @param shell bash, zsh, fish or powershell.
 * @throws OperatorError for any other shell.
 */
export function completionScript(program: CommandUnknownOpts, shell: string): string {
  const write = Object.hasOwn(scripts, shell) ? scripts[shell] : undefined;
  if (!write) {
    throw new OperatorError("usage", t`no completion script for the shell ${JSON.stringify(shell)}`, {
      remedy: t`Supported shells: ${Object.keys(scripts).join(", ")}.`,
    });
  }
  return write(program.name(), describeCommands(program, ""));
}

function describeCommands(command: CommandUnknownOpts, path: string): CommandDescription[] {
  const subcommands = command.commands.filter((one) => one.name() !== "help");
  const description: CommandDescription = {
    path,
    description: command.description(),
    subcommands: subcommands.map((one) => ({ name: one.name(), description: one.description() })),
    options: [...command.options.map(describeOption), helpOption()],
  };
  return [
    description,
    ...subcommands.flatMap((one) => describeCommands(one, path ? `${path} ${one.name()}` : one.name())),
  ];
}

const helpOption = () => ({
  flag: "--help",
  description: t`show the options and examples`,
  takesValue: false,
  choices: [],
});

function describeOption(option: Option): CommandDescription["options"][number] {
  return {
    flag: option.long ?? option.flags,
    description: option.description,
    takesValue: option.required || option.optional,
    choices: option.argChoices ?? [],
  };
}
