import { type ExecFileException, execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";

const require = createRequire(import.meta.url);
const checkTimeoutMs = 10_000;

/** Requests the head of the installer. Exits with 0, or prints why there was no answer to standard error. */
const checkScript = `
  fetch("https://get.pulumi.com/install.sh", { method: "HEAD", signal: AbortSignal.timeout(${checkTimeoutMs}) })
    .then(({ ok, status }) => { if (!ok) throw new Error("HTTP " + status); })
    .catch((error) => {
      while (error.cause) error = error.cause;
      console.error(error.message || error.code);
      process.exit(1);
    });
`;

/**
 * Downloads the official CLI with its npm package `pulumi`, into the folder of Pulumi's own tools. The package downloads
 * the official installer from get.pulumi.com and runs it: install.sh with /bin/sh, install.ps1 with Windows PowerShell.
 * @param report Receives one line of progress at a time.
 * @returns Path of the executable.
 * @throws Error when get.pulumi.com cannot be reached or the download fails.
 */
export async function downloadPulumi(version: string, report: (line: string) => void): Promise<string> {
  const home = process.env.PULUMI_HOME ?? join(homedir(), ".pulumi");
  const name = process.platform === "win32" ? "pulumi.exe" : "pulumi";
  const target = join(home, "versions", version, "bin", name);
  if (existsSync(target)) return target;

  // The package has no timeout, so a network that drops packets would block it for minutes.
  await runNode(["--eval", checkScript], {}).catch((error: Error) => {
    const { HTTPS_PROXY, https_proxy } = process.env;
    const route = HTTPS_PROXY || https_proxy ? "through the proxy of HTTPS_PROXY" : "from this computer";
    throw new Error(`get.pulumi.com cannot be reached ${route} (${error.message})`);
  });
  report(`Downloading Pulumi ${version} with its official installer …`);
  const env = { PULUMI_VERSION: version, PULUMI_SKIP_UPDATE_CHECK: "true" };
  await runNode([require.resolve("pulumi/run.js"), "version"], env);
  if (!existsSync(target)) throw new Error(`the installer succeeded, but did not create ${target}`);
  return target;
}

/**
 * Runs Node in a new process, in which `fetch` uses the proxy of the environment.
 * @throws Error with the last line of its standard error.
 */
function runNode(args: string[], env: Record<string, string>): Promise<void> {
  const options = { env: { ...process.env, NODE_USE_ENV_PROXY: "1", ...env } };
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, options, (error: ExecFileException | null, _stdout, stderr) => {
      if (!error) return resolve();
      const lastLine = stderr.trim().split(/\r?\n/).at(-1);
      reject(new Error(lastLine || `the process ended with ${error.code ?? error.signal}`));
    });
  });
}
