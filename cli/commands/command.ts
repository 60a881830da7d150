import { Command, type CommandUnknownOpts, type OptionValues } from "@commander-js/extra-typings";
import type { AzureAccess } from "../arguments/stack-connection.ts";
import type { Output } from "../terminal-ui/output.ts";
import type { Prompt } from "../terminal-ui/prompt.ts";

/** What a handler receives besides its arguments and options. */
export interface CommandContext {
  /** Aborts on Ctrl-C and SIGTERM; in a read-only command also when standard output closes. */
  signal: AbortSignal;
  output: Output;
  prompt: Prompt;
  /** How to reach Azure and sign in. Default: as the environment variables say. */
  azure?: AzureAccess;
  /** The command that runs. Its topmost parent is the program. */
  command: CommandUnknownOpts;
}

/** Creates a command that is ready to be added to the program. */
export type CommandFactory = (context: Omit<CommandContext, "command">) => CommandUnknownOpts;

/** The module of a handler: `run` gets the arguments and options in the types that the definition gives them. */
type HandlerModule<Defined> =
  Defined extends Command<infer Arguments, infer Options>
    ? { run: (...parameters: [...Arguments, Options, CommandContext]) => Promise<void> }
    : never;

/**
 * Binds a definition to its handler. The handler's module is imported when the command runs, so that `--help` does not
 * load the Azure SDKs.
 */
export function bindCommand<Define extends () => CommandUnknownOpts>(
  define: Define,
  importHandler: () => Promise<HandlerModule<ReturnType<Define>>>,
): CommandFactory {
  return (context) => {
    const command = define();
    return command.action(async (...parameters: unknown[]) => {
      // Commander passes the arguments, the options and the command.
      const argumentsAndOptions = parameters.slice(0, -1) as [...unknown[], OptionValues];
      const { run } = (await importHandler()) as HandlerModule<CommandUnknownOpts>;
      await run(...argumentsAndOptions, { ...context, command });
    });
  };
}

/** A command that only has subcommands. */
export function groupCommands(
  name: string,
  description: () => string,
  subcommands: CommandFactory[],
): CommandFactory {
  return (context) => {
    const group = new Command(name).description(description());
    for (const create of subcommands) group.addCommand(create(context));
    return group;
  };
}
