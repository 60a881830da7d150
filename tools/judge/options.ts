import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";

/** What a user asked for. */
export interface JudgeOptions {
  stacks: string[];
  /** Folder of the report; undefined for none. */
  report?: string;
  /** The base that the user named; undefined for the default. */
  base?: string;
  /** Whether the snapshots are written instead of compared. */
  updatesSnapshot: boolean;
  /** Whether checkov and Azure Policy judge too. */
  asksOutside: boolean;
  /** Whether the stacks are all that have settings. */
  isComplete: boolean;
}

/** Reads the command line. Ends the process with 2 on a wrong option, and with 0 after the help. */
export function readOptions(root: string): JudgeOptions {
  const command = new Command("judge")
    .usage("[STACK...] [options]")
    .description(
      "Checks a change before it is merged. It deploys each stack into a new sandbox, where names, IDs and the Flow API's policy are known: first as it is on the base branch, then as the change has it. The policy pack, the comparison and the snapshot judge the result.",
    )
    .argument("[stack...]", "default: each stack with a settings file, dev and prod")
    .option("--report <folder>", "write report.json, report.sarif and summary.md into this folder")
    .option(
      "--base <ref>",
      "commit or branch to compare with. Default: the base of the pull request, origin/HEAD, origin/main or main, at the commit where the change left it",
    )
    .option("--update-snapshot", "write policies/snapshot/STACK.json in place of comparing with it")
    .option("--outside", "also judge by checkov and by the built-in definitions of Azure Policy")
    .addHelpText(
      "after",
      "\nExit codes: 0 passed; 1 refused, or the program cannot be deployed; 2 a stack without settings, a wrong option or an unknown base; 130 interrupted.",
    )
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
    .parse();
  const values = command.opts<{
    report?: string;
    base?: string;
    updateSnapshot?: true;
    outside?: true;
  }>();
  const known = stacksWithSettings(root);
  const stacks = command.args.length > 0 ? [...new Set(command.args)] : known;
  const unknown = stacks.filter((stack) => !existsSync(join(root, `Pulumi.${stack}.yaml`)));
  if (unknown.length > 0) {
    console.error(
      `No settings file for ${unknown.join(", ")}. Stacks with a settings file: ${known.join(", ")}.`,
    );
    process.exit(2);
  }
  return {
    stacks,
    report: values.report,
    base: values.base,
    updatesSnapshot: values.updateSnapshot ?? false,
    asksOutside: values.outside ?? false,
    isComplete: known.every((stack) => stacks.includes(stack)),
  };
}

/** The stacks with a settings file. */
const stacksWithSettings = (root: string): string[] =>
  readdirSync(root).flatMap((file) => /^Pulumi\.([\w-]+)\.yaml$/.exec(file)?.[1] ?? []);
