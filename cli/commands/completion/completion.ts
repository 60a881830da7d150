import type { Command, Option } from "commander";
import { OperatorError } from "../../lib/operator-error.ts";
import { bashScript, fishScript, type Known, powershellScript, zshScript } from "./completion-scripts.ts";

const writers: Record<string, (name: string, commands: Known[]) => string> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
  powershell: powershellScript,
};

/**
 * The script that lets a shell complete the program's commands and options, made from the program itself. Where a
 * file can be meant, the shell offers files.
 * @param shell bash, zsh, fish or powershell.
 * @throws OperatorError for any other shell.
 */
export function completionFor(program: Command, shell: string): string {
  const write = writers[shell];
  if (!write) {
    throw new OperatorError("usage", `there is no completion for ${JSON.stringify(shell)}`, {
      remedy: `There is one for ${Object.keys(writers).join(", ")}.`,
    });
  }
  return write(program.name(), known(program, ""));
}

function known(command: Command, path: string): Known[] {
  const subcommands = command.commands.filter((one) => one.name() !== "help");
  const own: Known = {
    path,
    description: command.description(),
    subcommands: subcommands.map((one) => ({ name: one.name(), description: one.description() })),
    options: [...command.options.map(shown), { ...help }],
  };
  return [own, ...subcommands.flatMap((one) => known(one, path ? `${path} ${one.name()}` : one.name()))];
}

const help = { flag: "--help", description: "show the options and examples", takesValue: false, choices: [] };

const shown = (option: Option): Known["options"][number] => ({
  flag: option.long ?? option.flags,
  description: option.description,
  takesValue: option.required || option.optional,
  choices: option.argChoices ?? [],
});
