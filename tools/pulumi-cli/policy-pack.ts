/** Commands of the CLI that deploy or preview, with their aliases. */
const deployingCommands = new Set(["up", "update", "preview", "pre", "watch"]);

/** Global options of the CLI without a value. Every other option before the command has one. */
const optionsWithoutValue = new Set([
  "--disable-integrity-checking",
  "--emoji",
  "-e",
  "--fully-qualify-stack-names",
  "-Q",
  "--help",
  "-h",
  "--logflow",
  "--logtostderr",
  "--non-interactive",
  "--version",
]);

/**
 * Adds the project's policy pack to the arguments of a command that deploys or previews, unless they name a policy pack
 * already. Returns the arguments of every other command unchanged.
 * @param policyPack Folder of the project's policy pack.
 * @throws Error when the arguments configure the project's policy pack: its rules are changed in its folder only.
 */
export function withPolicyPack(args: string[], policyPack: string): string[] {
  const index = commandIndex(args);
  const isDeploying = deployingCommands.has(args[index] ?? "");
  if (!isDeploying || args.some((arg) => /^--policy-pack(=|$)/.test(arg))) return args;
  // The CLI applies this option to the policy pack of the same command. Its value "disabled" switches a rule off.
  if (args.some((arg) => /^--policy-pack-config(=|$)/.test(arg))) {
    throw new Error(
      "--policy-pack-config is not allowed with the project's policy pack. Change its rules in policies/, where a review sees the change.",
    );
  }
  return [...args.slice(0, index + 1), "--policy-pack", policyPack, ...args.slice(index + 1)];
}

/** Index of the command in the arguments; their number when there is no command. */
export function commandIndex(args: string[]): number {
  for (let index = 0; index < args.length; index++) {
    const arg = args[index]!;
    if (!arg.startsWith("-")) return index;
    if (!arg.includes("=") && !optionsWithoutValue.has(arg)) index += 1;
  }
  return args.length;
}
