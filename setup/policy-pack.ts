import { join, resolve } from "node:path";

/** The folder of the project's policy pack. */
export const policyPack = join(resolve(import.meta.dirname, ".."), "policies");

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
 */
export function withPolicyPack(args: string[]): string[] {
  const at = commandAt(args);
  if (!deploying.has(args[at] ?? "") || args.some((arg) => /^--policy-pack(=|$)/.test(arg))) return args;
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
