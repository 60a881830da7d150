import { stripVTControlCharacters } from "node:util";
import { OperatorError } from "@terminal-fleet/cli/azure-access";
import { findPulumi, type PulumiCli, spawnPulumi } from "@terminal-fleet/pulumi-cli";
import { z } from "zod";

const previewOutput = z.object({
  diagnostics: z.array(z.object({ severity: z.string(), message: z.string() })),
});

/** What a command of the Pulumi CLI printed. */
export interface PulumiOutput {
  /** Exit code; null when a signal ended it. */
  code: number | null;
  stdout: string;
  stderr: string;
}

/**
 * Runs the Pulumi CLI and waits for its end.
 * @param options.env Its environment, on top of this process's own.
 * @param options.cwd The project's folder.
 * @param options.signal Ends the CLI.
 * @throws OperatorError when the CLI is not installed and cannot be downloaded or built.
 */
export async function runPulumi(
  args: string[],
  options: { env?: NodeJS.ProcessEnv; cwd: string; signal: AbortSignal },
): Promise<PulumiOutput> {
  const child = spawnPulumi(await findCli(), [...args, "--non-interactive"], {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const stop = () => child.kill("SIGINT");
  options.signal.addEventListener("abort", stop, { once: true });
  const output = { stdout: "", stderr: "" };
  child.stdout?.on("data", (data) => (output.stdout += data));
  child.stderr?.on("data", (data) => (output.stderr += data));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  options.signal.removeEventListener("abort", stop);
  return { code, ...output };
}

async function findCli(): Promise<PulumiCli> {
  try {
    return await findPulumi();
  } catch (error) {
    throw new OperatorError("failed", (error as Error).message.split("\n"), { cause: error });
  }
}

/** Why the CLI failed: the lines of its error messages, at most 20. */
export function failureLines({ stdout, stderr }: PulumiOutput): string[] {
  const text = stripVTControlCharacters(`${errorMessages(stdout)}\n${stderr}`);
  const lines = text.split("\n").map((line) => line.trimEnd());
  const found = lines.filter((line) => line.trim() !== "").slice(0, 20);
  return found.length > 0 ? found : ["Pulumi printed no reason"];
}

/** The error messages in the JSON of a preview; other output as it is. */
function errorMessages(stdout: string): string {
  const parsed = previewOutput.safeParse(tryParse(stdout));
  if (!parsed.success) return stdout;
  const errors = parsed.data.diagnostics.filter(({ severity }) => severity === "error");
  return errors.map(({ message }) => message).join("\n");
}

function tryParse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
