import { existsSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { Command, Option } from "commander";
import { exportDeclared } from "../export-arm/deploy-to-export.ts";
import { judgeFromOutside } from "./outside-judges.ts";
import { type JudgeName, judges } from "./result.ts";
import { toTerminalText } from "./terminal-text.ts";

/*
 * `npm run judge:outside`: checks what the program declares by rules that others wrote.
 */

const root = resolve(import.meta.dirname, "..", "..");
const withSettings = readdirSync(root).flatMap((file) => /^Pulumi\.([\w-]+)\.yaml$/.exec(file)?.[1] ?? []);

const command = new Command("judge:outside")
  .usage("[STACK...] [options]")
  .description(
    "Checks what the program declares by rules that others wrote: checkov, and the built-in definitions of Azure Policy. It deploys each stack into a new sandbox, where all values are known. checkov is installed from PyPI into the cache folder at the first run.",
  )
  .argument("[stack...]", "default: each stack with a settings file, dev and prod")
  .addOption(new Option("--without <judge>", "judge that does not run").choices(judges))
  .option(
    "--definitions <folder>",
    "checkout of github.com/Azure/azure-policy whose definitions are evaluated; default: the same logic, restated in this repository",
  )
  .addHelpText(
    "after",
    "\nExit codes: 0 every rule is met or waived; 1 a rule is not met, a waiver is expired or unused, or a judge could not run; 2 a stack without settings, or a wrong option; 130 interrupted.",
  )
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
  .parse();
const { without, definitions } = command.opts<{ without?: JudgeName; definitions?: string }>();
const stacks = command.args.length > 0 ? command.args : withSettings;
const unknown = stacks.filter((stack) => !existsSync(join(root, `Pulumi.${stack}.yaml`)));
if (unknown.length > 0) {
  console.error(
    `No settings file for ${unknown.join(", ")}. Stacks with a settings file: ${withSettings.join(", ")}.`,
  );
  process.exit(2);
}

const interrupted = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => interrupted.abort());
try {
  const declared = await exportDeclared({ root, stacks, signal: interrupted.signal });
  const verdict = await judgeFromOutside(declared, {
    isComplete: withSettings.every((stack) => stacks.includes(stack)),
    without: without ? [without] : [],
    publishedIn: definitions && resolve(process.env.INIT_CWD ?? ".", definitions),
    report: (line) => console.error(line),
  });
  console.log(toTerminalText(verdict));
  const isPassed = verdict.findings.every(({ level }) => level === "waived");
  process.exitCode = isPassed ? 0 : 1;
} catch (error) {
  if (!interrupted.signal.aborted) console.error((error as Error).message);
  process.exitCode = interrupted.signal.aborted ? 130 : 1;
}
