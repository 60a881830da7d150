import { type ChildProcess, spawn } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { prepareStack } from "../../sandbox/core/prepare-stack.ts";
import { type Sandbox, sandboxEnvironment, startSandbox } from "../../sandbox/core/sandbox.ts";
import { addMember } from "../../sandbox/daemon/control.ts";
import { findPulumi, pulumiEnvironment, spawnPulumi } from "../../tools/pulumi-cli/find-pulumi.ts";
import { type TemporaryFolder, temporaryFolder } from "./folder.ts";
import { projectRoot } from "./project-root.ts";

export { projectRoot };

/** What a command said, and how it ended. */
export interface Outcome {
  code: number | null;
  /** Standard output and standard error, in the order they came. */
  output: string;
  /** Standard output alone. */
  stdout: string;
}

/** One edit of one file of the program: the text must be there exactly once, so that a test cannot go stale. */
export interface Mistake {
  file: string;
  from: string;
  to: string;
}

/** A stack of the real program in a sandbox of its own, run by the real engine. */
export class TestStack implements AsyncDisposable {
  readonly sandbox: Sandbox;
  readonly stack: string;
  private readonly temporary: TemporaryFolder;
  /** The project's folder: the checkout, or a copy of it with mistakes in it. */
  private project = projectRoot;
  private configFile = "";

  private constructor(sandbox: Sandbox, temporary: TemporaryFolder, stack: string) {
    this.sandbox = sandbox;
    this.temporary = temporary;
    this.stack = stack;
  }

  /** Path of the folder that is deleted with the stack; the sandbox is in it. */
  get folder(): string {
    return this.temporary.path;
  }

  /** Starts a sandbox in a temporary folder and makes the stack in it; nothing is deployed yet. */
  static async start(
    stack = "dev",
    options: Partial<Parameters<typeof startSandbox>[0]> = {},
  ): Promise<TestStack> {
    await using cleanUp = new AsyncDisposableStack();
    const folder = cleanUp.use(await temporaryFolder());
    const sandbox = await startSandbox({ dir: folder.file("sandbox"), ...options });
    cleanUp.defer(() => sandbox.close());
    const created = new TestStack(sandbox, folder, stack);
    await created.prepare();
    cleanUp.move();
    return created;
  }

  /** From here on the program is a copy of the checkout's with these mistakes in it; none: the checkout itself. */
  async useProgram(mistakes: Mistake[]): Promise<void> {
    this.project = projectRoot;
    if (mistakes.length > 0) {
      this.project = mkdtempSync(join(this.folder, "program-"));
      for (const part of ["index.ts", "package.json", "Pulumi.yaml", "Pulumi.dev.yaml", "Pulumi.prod.yaml"]) {
        cpSync(join(projectRoot, part), join(this.project, part));
      }
      for (const part of ["settings", "components", "policies", "tools"]) {
        cpSync(join(projectRoot, part), join(this.project, part), { recursive: true });
      }
      symlinkSync(join(projectRoot, "node_modules"), join(this.project, "node_modules"), "junction");
      for (const mistake of mistakes) apply(join(this.project, mistake.file), mistake);
    }
    await this.prepare();
  }

  /** Runs the CLI as the deployer, with the stack and its settings named. */
  pulumi(args: string[]): Promise<Outcome> {
    return this.run([...args, "--stack", this.stack, "--config-file", this.configFile, "--non-interactive"]);
  }

  /** `pulumi up` without a preview. */
  up(...args: string[]): Promise<Outcome> {
    return this.pulumi(["up", "--yes", "--skip-preview", ...args]);
  }

  /** The stack's outputs, as the command line reads them. */
  async outputs(): Promise<Record<string, string>> {
    const asked = ["stack", "output", "--json", "--stack", this.stack, "--non-interactive"];
    const { code, output, stdout } = await this.run(asked);
    if (code !== 0) throw new Error(output);
    return JSON.parse(stdout) as Record<string, string>;
  }

  /** Makes the operator a member of the group that the stack declares, as the tenant's administrator would. */
  async joinOperators(): Promise<void> {
    addMember(this.sandbox, (await this.outputs()).operatorsGroupName ?? "", "operator");
  }

  /** Runs `terminals ARGS` as the operator. */
  async terminals(args: string[], env: NodeJS.ProcessEnv = {}): Promise<Outcome> {
    const child = spawn(
      process.execPath,
      [join(projectRoot, "cli", "main.ts"), ...args, "--stack", this.stack],
      {
        cwd: projectRoot,
        env: pulumiEnvironment(await findPulumi(), { ...this.env("operator"), ...env }),
        stdio: ["ignore", "pipe", "pipe"],
      },
    );
    return outcome(child);
  }

  /** The environment of one of the sandbox's people, on top of this process's own. */
  env(as: "deployer" | "operator"): NodeJS.ProcessEnv {
    return { ...process.env, ...sandboxEnvironment(this.sandbox, as) };
  }

  async stop(): Promise<void> {
    await this.sandbox.close();
    await this.temporary[Symbol.asyncDispose]();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  private async prepare(): Promise<void> {
    const settings = join(this.project, `Pulumi.${this.stack}.yaml`);
    const env = sandboxEnvironment(this.sandbox, "deployer");
    this.configFile = await prepareStack(env, { stack: this.stack, settings, dir: this.folder });
  }

  private async run(args: string[]): Promise<Outcome> {
    const child = spawnPulumi(await findPulumi(), args, {
      cwd: this.project,
      env: this.env("deployer"),
      stdio: ["ignore", "pipe", "pipe"],
    });
    return outcome(child);
  }
}

/** Waits for a child that was started with piped output. */
export function outcome(child: ChildProcess): Promise<Outcome> {
  let output = "";
  let stdout = "";
  child.stdout?.on("data", (data) => {
    output += data;
    stdout += data;
  });
  child.stderr?.on("data", (data) => (output += data));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, output, stdout }));
  });
}

function apply(file: string, { from, to }: Mistake): void {
  const text = readFileSync(file, "utf8");
  if (text.split(from).length !== 2) throw new Error(`${file} must hold exactly once: ${from}`);
  writeFileSync(
    file,
    text.replace(from, () => to),
  );
}
