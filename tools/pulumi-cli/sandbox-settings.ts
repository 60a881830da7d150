import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { commandIndex } from "./policy-pack.ts";

/** Commands of the CLI that read or write a stack's settings and have the option --config-file, with their aliases. */
const settingsCommands = new Set([
  ...[
    "config",
    "conf",
    "cfg",
    "destroy",
    "down",
    "dn",
    "import",
    "preview",
    "pre",
    "refresh",
    "up",
    "update",
    "watch",
  ],
]);
/** Subcommands of `stack` that write to Pulumi.STACK.yaml and have no option --config-file. */
const writingStackCommands = new Set(["init", "change-secrets-provider", "rename"]);

/**
 * In a shell that is directed to the sandbox, adds the sandbox's copy of the stack's settings to the arguments of a
 * command that would write into the checked-in Pulumi.STACK.yaml: the CLI stores the salt of the stack's passphrase there.
 * Returns other arguments unchanged.
 * @param env Variables of the shell, as `azure-sandbox env` sets them.
 * @param projectRoot Folder of the checked-in settings.
 * @throws Error when the command could only write to the checked-in file.
 */
export function withSandboxSettings(args: string[], env: NodeJS.ProcessEnv, projectRoot: string): string[] {
  const { SANDBOX_DIR: dir, PULUMI_BACKEND_URL: backend } = env;
  if (!dir || backend !== pathToFileURL(join(dir, "pulumi")).href) return args;
  const index = commandIndex(args);
  const command = args[index] ?? "";
  if (command === "stack" && writingStackCommands.has(args[index + 1] ?? "")) {
    throw new Error(
      `pulumi stack ${args[index + 1]} writes to the checked-in settings, and this shell is directed to the sandbox. \`npx azure-sandbox stack NAME\` creates a stack in the sandbox.`,
    );
  }
  const isHelp = args.some((arg) => arg === "--help" || arg === "-h");
  if (!settingsCommands.has(command) || isHelp || args.some((arg) => /^--config-file(=|$)/.test(arg)))
    return args;
  const named = stackOf(args) ?? env.PULUMI_STACK;
  const stack = named ?? env.TERMINALS_STACK;
  if (!stack) {
    throw new Error(
      "Name the stack: --stack NAME. `npx azure-sandbox stack NAME` creates one in the sandbox.",
    );
  }
  const file = join(dir, `Pulumi.${stack.split("/").at(-1)}.yaml`);
  if (!existsSync(file) && existsSync(join(projectRoot, `Pulumi.${stack}.yaml`))) {
    throw new Error(
      `The stack ${stack} is not in the sandbox that this shell is directed to. Create it first: npx azure-sandbox stack ${stack}`,
    );
  }
  const added = [...(named ? [] : ["--stack", stack]), "--config-file", file];
  return [...args.slice(0, index + 1), ...added, ...args.slice(index + 1)];
}

/** The value of --stack or -s. */
function stackOf(args: string[]): string | undefined {
  for (const [index, arg] of args.entries()) {
    if (arg === "--stack" || arg === "-s") return args[index + 1];
    const [, value] = /^(?:--stack=|-s=?)(.+)$/.exec(arg) ?? [];
    if (value !== undefined) return value;
  }
  return undefined;
}
