/** Commands of the CLI that deploy, or say what a deployment would do, with their other names. */
const deploying = new Set(["up", "update", "preview", "pre", "watch"]);

/** Options of the CLI that take no value; before the command, the CLI itself takes every other one to have one. */
const valueless = new Set([
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
 * Arguments for the Pulumi CLI that have a deployment judged: with the project's policy pack, unless they name
 * packs already. Arguments of any other command are left as they are.
 * @param policyPack The folder of the project's policy pack.
 * @throws Error when they configure the project's pack: its rules are changed in its folder alone.
 */
export function withPolicyPack(args: string[], policyPack: string): string[] {
  const at = commandAt(args);
  if (!deploying.has(args[at] ?? "") || args.some((arg) => /^--policy-pack(=|$)/.test(arg))) return args;
  // The CLI takes it with the pack that it is for, and here that would be this one; "disabled" turns a rule off.
  if (args.some((arg) => /^--policy-pack-config(=|$)/.test(arg))) {
    throw new Error(
      "The project's policy pack takes no --policy-pack-config: its rules are changed in policies/, where it is seen.",
    );
  }
  return [...args.slice(0, at + 1), "--policy-pack", policyPack, ...args.slice(at + 1)];
}

function commandAt(args: string[]): number {
  for (let at = 0; at < args.length; at++) {
    const arg = args[at]!;
    if (!arg.startsWith("-")) return at;
    if (!arg.includes("=") && !valueless.has(arg)) at += 1;
  }
  return args.length;
}
