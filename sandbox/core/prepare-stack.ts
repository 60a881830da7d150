import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findPulumi, type PulumiCli, spawnPulumi } from "@terminal-fleet/pulumi-cli";

const projectName = "terminal-fleet";
/** The lines of a stack's settings that configure the encryption of secrets. The sandbox's stack has its own. */
const encryptionSettings = /^(secretsprovider|encryptionsalt|encryptedkey):.*\n?/gm;

/**
 * Creates a stack in the sandbox's Pulumi backend, if it does not exist, and a copy of the stack's settings for the
 * sandbox. Pulumi writes the salt of the stack's passphrase into the settings file, so the checked-in file is not used.
 * @param env The environment of the sandbox's deployer.
 * @param options.settings Path of the stack's settings, for example Pulumi.dev.yaml.
 * @param options.dir Folder of the copy.
 * @returns Path of the copy, for `pulumi up --config-file`.
 * @throws When Pulumi cannot create the stack, with Pulumi's output.
 */
export async function prepareStack(
  env: Record<string, string>,
  options: { stack: string; settings: string; dir: string; cli?: PulumiCli },
): Promise<string> {
  const cli = options.cli ?? (await findPulumi());
  const name = `Pulumi.${options.stack}.yaml`;
  const target = join(options.dir, name);
  const salt =
    readIfPresent(target).match(/^encryptionsalt:.*$/m)?.[0] ??
    (await initializeStack(cli, env, options.stack, name));
  const declared = readFileSync(options.settings, "utf8").replace(encryptionSettings, "");
  mkdirSync(options.dir, { recursive: true, mode: 0o700 });
  writeFileSync(target, `${declared.trimEnd()}\n${salt}\n`, { mode: 0o600 });
  return target;
}

/** Creates the stack from an empty project of the same name, and returns the salt line that Pulumi wrote. */
async function initializeStack(
  cli: PulumiCli,
  env: Record<string, string>,
  stack: string,
  name: string,
): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "terminal-fleet-"));
  try {
    writeFileSync(join(folder, "Pulumi.yaml"), `name: ${projectName}\nruntime: nodejs\n`);
    const child = spawnPulumi(cli, ["stack", "init", stack, "--non-interactive"], {
      cwd: folder,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    child.stdout?.on("data", (data) => (output += data));
    child.stderr?.on("data", (data) => (output += data));
    const code = await new Promise<number | null>((resolve, reject) => {
      child.on("error", reject);
      child.on("close", resolve);
    });
    const salt = readIfPresent(join(folder, name)).match(/^encryptionsalt:.*$/m)?.[0];
    if (code !== 0 || !salt) throw new Error(`Pulumi could not create the stack ${stack}: ${output.trim()}`);
    return salt;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readIfPresent(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
