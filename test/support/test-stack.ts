import { join } from "node:path";
import { prepareStack } from "../../sandbox/core/prepare-stack.ts";
import { type Sandbox, startSandbox } from "../../sandbox/core/sandbox.ts";
import { sandboxEnvironment } from "../../sandbox/core/sandbox-environment.ts";
import { addMember } from "../../sandbox/daemon/control.ts";
import { findPulumi, pulumiEnvironment, spawnPulumi } from "../../tools/pulumi-cli/find-pulumi.ts";
import { type TemporaryFolder, temporaryFolder } from "./folder.ts";
import { type Outcome, outcome, startProgram } from "./processes.ts";
import { type Change, changeFiles, copyProgram, restoreFiles } from "./program-copy.ts";
import { projectRoot } from "./project-root.ts";

export interface TestStackOptions {
  /** Receives the sandbox's log, a line each; default none. */
  log?: (line: string) => void;
  /** Writes the files of an earlier stack into the folder before the sandbox starts. */
  copyFrom?: (folder: string) => void;
}

/** A stack of the unmodified program in a sandbox of its own, deployed by the real engine. */
export class TestStack implements AsyncDisposable {
  readonly sandbox: Sandbox;
  readonly stack: string;
  private readonly temporary: TemporaryFolder;
  /** The folder of the program: the checkout, or a changed copy of it. */
  private project = projectRoot;
  /** The changed copy, and its changes. Node's compile cache knows the path of a copy that is used again. */
  private copy: { folder: string; changes: Change[] } | undefined;
  /** The outputs since the last command of Pulumi that could change them. */
  private knownOutputs: Record<string, string> | undefined;
  private configFile = "";

  private constructor(sandbox: Sandbox, temporary: TemporaryFolder, stack: string) {
    this.sandbox = sandbox;
    this.temporary = temporary;
    this.stack = stack;
  }

  /** Starts a sandbox in a temporary folder and creates the stack in it, without deploying. */
  static async start(stack = "dev", { copyFrom, ...options }: TestStackOptions = {}): Promise<TestStack> {
    await using cleanUp = new AsyncDisposableStack();
    const folder = cleanUp.use(await temporaryFolder());
    copyFrom?.(folder.path);
    const sandbox = await startSandbox({ dir: folder.file("sandbox"), ...options });
    cleanUp.defer(() => sandbox.close());
    const created = new TestStack(sandbox, folder, stack);
    await created.prepare();
    cleanUp.move();
    return created;
  }

  /** Path of the folder that is deleted with the stack; the sandbox's folder is in it. */
  get folder(): string {
    return this.temporary.path;
  }

  /** Replaces the program by a copy of the checkout with these changes; without changes, by the checkout itself. */
  async useProgram(...changes: Change[]): Promise<void> {
    this.project = changes.length === 0 ? projectRoot : this.copyWith(changes);
    await this.prepare();
  }

  private copyWith(changes: Change[]): string {
    const copy = this.copy ?? { folder: copyProgram(join(this.folder, "program")), changes: [] };
    restoreFiles(copy.folder, ...copy.changes);
    this.copy = { folder: copy.folder, changes };
    changeFiles(copy.folder, ...changes);
    return copy.folder;
  }

  /** Runs the Pulumi CLI as the deployer, on this stack and its settings. */
  pulumi(...args: string[]): Promise<Outcome> {
    this.knownOutputs = undefined;
    return this.run(...args, "--stack", this.stack, "--config-file", this.configFile, "--non-interactive");
  }

  /** Runs `pulumi up` without a preview. */
  up(...args: string[]): Promise<Outcome> {
    return this.pulumi("up", "--yes", "--skip-preview", ...args);
  }

  /** Reads the stack's outputs as the command line does. */
  async outputs(): Promise<Record<string, string>> {
    if (this.knownOutputs) return this.knownOutputs;
    const args = ["stack", "output", "--json", "--stack", this.stack, "--non-interactive"];
    const { code, output, stdout } = await this.run(...args);
    if (code !== 0) throw new Error(output);
    this.knownOutputs = JSON.parse(stdout) as Record<string, string>;
    return this.knownOutputs;
  }

  /** Adds the operator to the group that the stack declares, as an administrator of the tenant would. */
  async joinOperators(): Promise<void> {
    addMember(this.sandbox, (await this.outputs()).operatorsGroupName ?? "", "operator");
  }

  /** Runs `terminals ARGS` as the operator. */
  async terminals(args: string[], env: NodeJS.ProcessEnv = {}): Promise<Outcome> {
    const variables = pulumiEnvironment(await findPulumi(), { ...this.env("operator"), ...env });
    return outcome(startProgram("cli/main.ts", [...args, "--stack", this.stack], { env: variables }));
  }

  /** The environment of a test principal, on top of this process's own. */
  env(as: "deployer" | "operator"): NodeJS.ProcessEnv {
    return { ...process.env, ...sandboxEnvironment(this.sandbox, as) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.sandbox.close();
    await this.temporary[Symbol.asyncDispose]();
  }

  private async prepare(): Promise<void> {
    const settings = join(this.project, `Pulumi.${this.stack}.yaml`);
    const env = sandboxEnvironment(this.sandbox, "deployer");
    this.configFile = await prepareStack(env, { stack: this.stack, settings, dir: this.folder });
  }

  private async run(...args: string[]): Promise<Outcome> {
    const child = spawnPulumi(await findPulumi(), args, {
      cwd: this.project,
      env: this.env("deployer"),
      stdio: ["ignore", "pipe", "pipe"],
    });
    return outcome(child);
  }
}
