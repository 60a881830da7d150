import { findPulumi, spawnPulumi } from "@terminal-fleet/pulumi-cli";

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
 */
export async function runPulumi(
  args: string[],
  options: { env?: NodeJS.ProcessEnv; cwd: string; signal: AbortSignal },
): Promise<PulumiOutput> {
  const child = spawnPulumi(await findPulumi(), [...args, "--non-interactive"], {
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

/** The line of an output that says why the CLI failed. */
export function failureLine({ stdout, stderr }: PulumiOutput): string {
  const lines = `${diagnosticsOf(stdout)}\n${stderr}`
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  return lines.find((line) => /^error:/i.test(line)) ?? lines.at(-1) ?? "no output";
}

/** The error messages in the JSON of a preview. */
function diagnosticsOf(stdout: string): string {
  try {
    const { diagnostics = [] } = JSON.parse(stdout) as {
      diagnostics?: { severity: string; message: string }[];
    };
    return diagnostics
      .filter(({ severity }) => severity === "error")
      .map(({ message }) => message)
      .join("\n");
  } catch {
    return stdout;
  }
}
