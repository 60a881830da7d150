import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Command } from "commander";
import { callControl } from "../daemon/control-client.ts";
import type { CommandContext } from "./command-context.ts";

const projectRoot = resolve(import.meta.dirname, "..", "..");

/** Adds `azure-sandbox stack`, which prepares a stack of this repository's program. */
export function addStackCommand(program: Command, { directory, print }: CommandContext): void {
  program
    .command("stack <name>")
    .description(
      "create a stack in the sandbox, with a copy of its settings, and print the command that deploys it",
    )
    .action(async (name: string) => {
      const env = await callControl<Record<string, string>>(directory().socket(), "POST", "/env", {
        as: "deployer",
      });
      const settings = join(projectRoot, `Pulumi.${name}.yaml`);
      if (!existsSync(settings))
        throw new Error(`The stack ${name} has no settings: the file ${settings} does not exist.`);
      // Only this command needs the Pulumi CLI, which takes time to load.
      const { prepareStack } = await import("../core/prepare-stack.ts");
      const copy = await prepareStack(env, { stack: name, settings, dir: directory().dir });
      print(`npm run pulumi -- up --stack ${name} --config-file ${copy}`);
    });
}
