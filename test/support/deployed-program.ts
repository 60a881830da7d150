import { createHash } from "node:crypto";
import { cpSync, existsSync, globSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type StackOutputs, stackOutputs } from "../../cli/azure/stack-outputs.ts";
import { FileLocked, lockFile } from "../../tools/file-lock/file-lock.ts";
import { projectRoot } from "./project-root.ts";
import { runFolder } from "./run-folder.ts";
import { waitFor } from "./wait-for.ts";

/** The dev stack of the program, as the real engine deployed it into a sandbox that is closed again. */
export interface DeployedProgram {
  outputs: StackOutputs;
  /** Copies the sandbox's files into a folder, without Pulumi's state. A sandbox can start in that folder. */
  copySandbox(folder: string): void;
  /** Copies everything into a folder: the sandbox with Pulumi's state to `sandbox`, and the stack's settings. */
  copyStack(folder: string): void;
}

/** What a deployment depends on. */
const sources = ["index.ts", "Pulumi.yaml", "Pulumi.dev.yaml", "{settings,components,sandbox,tools}/**/*.ts"];
/** The settings of the stack, with the salt of its passphrase. */
const settings = "Pulumi.dev.yaml";
const deployMs = 300_000;

let deployed: Promise<DeployedProgram> | undefined;

/**
 * Deploys the program once in a test run: the first test that asks for it does, those of other processes wait for it.
 * The operator is a member of the group that the program declares, and has no other right.
 */
export function deployedProgram(): Promise<DeployedProgram> {
  deployed ??= findOrDeploy();
  return deployed;
}

async function findOrDeploy(): Promise<DeployedProgram> {
  // In watch mode the program may change within a run.
  const folder = join(runFolder(), `deployed-${hashOfSources()}`);
  const isThere = () => existsSync(folder);
  const lock = await waitFor(
    "another test file to deploy the program",
    () => isThere() || tryLock(`${folder}.lock`),
    { withinMs: deployMs, everyMs: 100 },
  );
  if (lock !== true) {
    try {
      if (!isThere()) await deployTo(folder);
    } finally {
      lock();
    }
  }
  return {
    outputs: stackOutputs.parse(JSON.parse(readFileSync(join(folder, "outputs.json"), "utf8"))),
    copySandbox: (target) =>
      cpSync(join(folder, "sandbox"), target, {
        recursive: true,
        filter: (path) => path !== join(folder, "sandbox", "pulumi"),
      }),
    copyStack: (target) => cpSync(folder, target, { recursive: true }),
  };
}

/** Deploys the program into a sandbox, and moves the result to `folder` once it is complete. */
async function deployTo(folder: string): Promise<void> {
  // Imported here, so that a test which only copies the result does not load Pulumi's providers.
  const { TestStack } = await import("./test-stack.ts");
  await using stack = await TestStack.start("dev");
  const { code, output } = await stack.up();
  if (code !== 0) throw new Error(`The program cannot be deployed into the sandbox:\n${output}`);
  await stack.joinOperators();
  const outputs = await stack.outputs();
  await stack.sandbox.close();
  const unfinished = `${folder}.unfinished`;
  mkdirSync(unfinished);
  cpSync(stack.sandbox.dir, join(unfinished, "sandbox"), {
    recursive: true,
    filter: (path) => !path.endsWith("sandbox.lock"),
  });
  cpSync(join(stack.folder, settings), join(unfinished, settings));
  writeFileSync(join(unfinished, "outputs.json"), JSON.stringify(outputs));
  renameSync(unfinished, folder);
}

function tryLock(file: string): (() => void) | undefined {
  try {
    return lockFile(file);
  } catch (error) {
    if (error instanceof FileLocked) return undefined;
    throw error;
  }
}

function hashOfSources(): string {
  const hash = createHash("sha256");
  const exclude = (path: string) => path.endsWith("node_modules");
  for (const file of globSync(sources, { cwd: projectRoot, exclude }).sort()) {
    hash.update(`${file}\0`).update(readFileSync(join(projectRoot, file)));
  }
  return hash.digest("hex").slice(0, 16);
}
