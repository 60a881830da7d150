import { type ExecFileException, execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";

const require = createRequire(import.meta.url);
const reachSeconds = 10;

/** Asks for the installer's head and ends with 0, or says on standard error why there was no answer. */
const reachScript = `
  fetch("https://get.pulumi.com/install.sh", { method: "HEAD", signal: AbortSignal.timeout(${reachSeconds * 1000}) })
    .then(({ ok, status }) => { if (!ok) throw new Error("HTTP " + status); })
    .catch((error) => {
      while (error.cause) error = error.cause;
      console.error(error.message || error.code);
      process.exit(1);
    });
`;

/**
 * Downloads the official CLI with its npm package, into the folder that Pulumi's own tools use. The package fetches
 * the official installer from get.pulumi.com and runs it: install.sh with /bin/sh, install.ps1 with Windows PowerShell.
 * @returns Path of the executable.
 * @throws Error when the download cannot be reached or fails.
 */
export async function downloadPulumi(version: string, say: (line: string) => void): Promise<string> {
  const home = process.env.PULUMI_HOME ?? join(homedir(), ".pulumi");
  const name = process.platform === "win32" ? "pulumi.exe" : "pulumi";
  const target = join(home, "versions", version, "bin", name);
  if (existsSync(target)) return target;

  // The package has no time-out of its own; a closed network must not look like a slow one.
  await node(["--eval", reachScript], {}).catch((error: Error) => {
    const { HTTPS_PROXY, https_proxy } = process.env;
    const way = HTTPS_PROXY || https_proxy ? "through the proxy of HTTPS_PROXY" : "from here";
    throw new Error(`get.pulumi.com cannot be reached ${way} (${error.message})`);
  });
  say(`Downloading Pulumi ${version} with its official installer …`);
  const env = { PULUMI_VERSION: version, PULUMI_SKIP_UPDATE_CHECK: "true" };
  await node([require.resolve("pulumi/run.js"), "version"], env);
  if (!existsSync(target)) throw new Error(`the download left no ${target}`);
  return target;
}

/** Runs Node in a process of its own, in which `fetch` goes through the environment's proxy. */
function node(args: string[], env: Record<string, string>): Promise<void> {
  const options = { env: { ...process.env, NODE_USE_ENV_PROXY: "1", ...env } };
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, options, (error: ExecFileException | null, _stdout, stderr) => {
      if (!error) return resolve();
      reject(new Error(stderr.trim().split(/\r?\n/).at(-1) || `it ended with ${error.code ?? error.signal}`));
    });
  });
}
