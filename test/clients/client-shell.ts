import { spawn } from "node:child_process";
import { describe, test } from "vitest";
import { type Sandbox, startSandbox } from "../../sandbox/core/sandbox.ts";
import { sandboxEnvironment } from "../../sandbox/core/sandbox-environment.ts";
import { temporaryFolder } from "../support/folder.ts";
import { type Outcome, outcome } from "../support/processes.ts";

/**
 * Whether the tests with clients in other languages run: with `npm run test:clients` (vitest --mode clients). They
 * install large packages, so the usual run skips them.
 */
export const runsClients = process.env.TEST_MODE === "clients";

/**
 * Describes the tests of a client. They are skipped outside of `npm run test:clients`, and their title says it when the
 * client cannot be had on this computer.
 * @param needs What the client needs, with whether this computer has it.
 * @param install Installs the client before the tests.
 * @param tests Declares the tests; it receives what `install` returned.
 */
export async function describeClient<Installed>(
  client: string,
  needs: Record<string, boolean>,
  install: () => Promise<Installed>,
  tests: (installed: Installed) => void,
): Promise<void> {
  const skip = (reason: string) => {
    describe(`${client}: skipped, because ${reason}`, () => test.skip(reason));
  };
  if (!runsClients) return skip("only npm run test:clients installs clients in other languages");
  const missing = Object.keys(needs).filter((name) => !needs[name]);
  if (missing.length > 0) return skip(`this computer has no ${missing.join(" and no ")}`);
  const installed = await install().then(
    (value) => ({ value }),
    ({ message }: Error) => ({ message }),
  );
  if ("message" in installed) return skip(`it could not be installed: ${installed.message}`);
  describe(client, () => tests(installed.value));
}

/** A whole sandbox, and programs that run with the variables of `azure-sandbox env` in a folder of their own. */
export class ClientShell implements AsyncDisposable {
  readonly sandbox: Sandbox;
  readonly folder: string;
  readonly variables: Record<string, string>;
  private readonly cleanUp: AsyncDisposableStack;

  private constructor(sandbox: Sandbox, folder: string, cleanUp: AsyncDisposableStack) {
    this.sandbox = sandbox;
    this.folder = folder;
    this.variables = sandboxEnvironment(sandbox, "deployer");
    this.cleanUp = cleanUp;
  }

  static async start(): Promise<ClientShell> {
    await using cleanUp = new AsyncDisposableStack();
    const folder = cleanUp.use(await temporaryFolder());
    const sandbox = await startSandbox({ dir: folder.file("sandbox") });
    cleanUp.defer(() => sandbox.close());
    return new ClientShell(sandbox, folder.path, cleanUp.move());
  }

  /** @param variables More variables, which take precedence. */
  run(program: string, args: string[], variables: Record<string, string> = {}): Promise<Outcome> {
    return outcome(
      spawn(program, args, {
        cwd: this.folder,
        env: { ...process.env, ...this.variables, ...variables },
        stdio: ["ignore", "pipe", "pipe"],
      }),
    );
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.cleanUp.disposeAsync();
  }
}
