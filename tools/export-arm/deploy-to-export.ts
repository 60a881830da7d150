import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findPulumi, type PulumiCli, spawnPulumi } from "@terminal-fleet/pulumi-cli";
import {
  prepareStack,
  type Sandbox,
  sandboxEnvironment,
  startSandbox,
} from "@terminal-fleet/sandbox/in-process";
import { type DeclaredResources, readDeclaredResources } from "./declared-resources.ts";
import type { StackState } from "./stack-state.ts";

/** Settings of {@link exportDeclared}. */
export interface ExportOptions {
  /** Folder of the program. */
  root: string;
  /** Names of stacks with a settings file. */
  stacks: string[];
  /** Ends the export: the deployment that is under way is interrupted. */
  signal?: AbortSignal;
}

/**
 * Deploys each stack into a new sandbox, and reads its declared resources, all values of which are known then. The
 * sandbox is deleted at the end. The policy pack does not run: this reads the program and does not judge it.
 * @throws Error with Pulumi's output when a stack cannot be deployed.
 */
export async function exportDeclared(options: ExportOptions): Promise<Map<string, DeclaredResources>> {
  const dir = mkdtempSync(join(tmpdir(), "terminal-fleet-export-"));
  let sandbox: Sandbox | undefined;
  try {
    const cli = await findPulumi();
    sandbox = await startSandbox({ dir: join(dir, "sandbox") });
    const declared = new Map<string, DeclaredResources>();
    for (const stack of options.stacks) {
      options.signal?.throwIfAborted();
      declared.set(stack, await exportStack(cli, sandbox, { ...options, stack, dir }));
    }
    return declared;
  } finally {
    await sandbox?.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

async function exportStack(
  cli: PulumiCli,
  sandbox: Sandbox,
  { root, stack, dir, signal }: ExportOptions & { stack: string; dir: string },
): Promise<DeclaredResources> {
  const variables = sandboxEnvironment(sandbox, "deployer");
  const settings = join(root, `Pulumi.${stack}.yaml`);
  const configFile = await prepareStack(variables, { stack, settings, dir, cli });
  const run = async (...args: string[]): Promise<string> => {
    const child = spawnPulumi(cli, [...args, "--stack", stack, "--non-interactive"], {
      cwd: root,
      env: { ...process.env, ...variables },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const interrupt = () => child.kill("SIGINT");
    signal?.addEventListener("abort", interrupt);
    let [output, stdout] = ["", ""];
    child.stdout?.on("data", (data) => {
      stdout += data;
      output += data;
    });
    child.stderr?.on("data", (data) => (output += data));
    const code = await new Promise<number | null>((done, fail) => child.on("error", fail).on("close", done));
    signal?.removeEventListener("abort", interrupt);
    signal?.throwIfAborted();
    if (code !== 0)
      throw new Error(`The stack ${stack} cannot be deployed into the sandbox:\n${output.trim()}`);
    return stdout;
  };
  await run(
    "up",
    "--config-file",
    configFile,
    "--yes",
    "--skip-preview",
    "--suppress-outputs",
    "--color",
    "never",
  );
  const state = JSON.parse(await run("stack", "export")) as StackState;
  return readDeclaredResources(state, {
    subscriptionId: variables.AZURE_SUBSCRIPTION_ID!,
    tenantId: variables.AZURE_TENANT_ID!,
  });
}
