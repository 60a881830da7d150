import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const require = createRequire(import.meta.url);
const REACH_SECONDS = 10;

/**
 * Downloads the official CLI with its npm package, into the folder that Pulumi's own tools use.
 * @returns Path of the executable.
 * @throws Error when the download cannot be reached or fails.
 */
export async function downloadPulumi(version: string, say: (line: string) => void): Promise<string> {
  const home = process.env.PULUMI_HOME ?? join(homedir(), ".pulumi");
  const name = process.platform === "win32" ? "pulumi.exe" : "pulumi";
  const target = join(home, "versions", version, "bin", name);
  if (existsSync(target)) return target;

  // The package has no time-out of its own; a closed network must not look like a slow one.
  const signal = AbortSignal.timeout(REACH_SECONDS * 1000);
  await fetch("https://get.pulumi.com/install.sh", { method: "HEAD", signal }).catch((error: Error) => {
    throw new Error(`get.pulumi.com cannot be reached from here (${error.name})`);
  });
  say(`Downloading Pulumi ${version} …`);
  await promisify(execFile)(process.execPath, [require.resolve("pulumi/run.js"), "version"], {
    env: { ...process.env, PULUMI_VERSION: version, PULUMI_SKIP_UPDATE_CHECK: "true" },
  });
  if (!existsSync(target)) throw new Error(`the download left no ${target}`);
  return target;
}
