import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Command } from "commander";
import { exportDeclared } from "./deploy-to-export.ts";
import { subscriptionTemplate } from "./template.ts";

/*
 * `npm run export-arm`: writes what the program declares as a deployment template of Azure Resource Manager.
 */

const root = resolve(import.meta.dirname, "..", "..");
const stacks = readdirSync(root).flatMap((file) => /^Pulumi\.([\w-]+)\.yaml$/.exec(file)?.[1] ?? []);

const command = new Command("export-arm")
  .description(
    "Writes the declared resources of a stack as a deployment template of Azure Resource Manager. It deploys the stack into a new sandbox, where all values are known. Random values are replaced by stable ones, so two exports of one program are equal.",
  )
  .option("--stack <name>", "the stack; it needs a settings file", "dev")
  .option("--out <file>", "file to write; default: standard output")
  .addHelpText(
    "after",
    "\nExit codes: 0 written; 1 the stack cannot be deployed into the sandbox; 2 a stack without settings, or a wrong option; 130 interrupted.",
  )
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
  .parse();
const { stack, out } = command.opts<{ stack: string; out?: string }>();
if (!existsSync(join(root, `Pulumi.${stack}.yaml`))) {
  console.error(`No settings file for ${stack}. Stacks with a settings file: ${stacks.join(", ")}.`);
  process.exit(2);
}

const interrupted = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => interrupted.abort());
try {
  const declared = await exportDeclared({ root, stacks: [stack], signal: interrupted.signal });
  const template = `${JSON.stringify(subscriptionTemplate(declared.get(stack)!), undefined, 2)}\n`;
  if (out === undefined) process.stdout.write(template);
  else writeFileSync(resolve(process.env.INIT_CWD ?? ".", out), template);
} catch (error) {
  if (interrupted.signal.aborted) process.exitCode = 130;
  else {
    console.error((error as Error).message);
    process.exitCode = 1;
  }
}
