import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findPulumi, type PulumiCli, spawnPulumi } from "@terminal-fleet/pulumi-cli";

const projectName = "terminal-fleet";
/** The lines of a stack's settings that say how its secrets are sealed; a sandbox's stack has its own. */
const sealing = /^(secretsprovider|encryptionsalt|encryptedkey):.*\n?/gm;

/**
 * Makes a stack in the sandbox's state, if it is not there, and a copy of its settings that belongs to the sandbox:
 * Pulumi writes the salt of the stack's passphrase into the settings file, and the checked-in one stays as it is.
 * @param env The sandbox's environment of the deployer.
 * @param options.settings Path of the stack's settings, for example Pulumi.dev.yaml.
 * @param options.dir Where the copy goes.
 * @returns Path of the copy, for `pulumi up --config-file`.
 */
export async function prepareStack(
  env: Record<string, string>,
  options: { stack: string; settings: string; dir: string; cli?: PulumiCli },
): Promise<string> {
  const cli = options.cli ?? (await findPulumi());
  const name = `Pulumi.${options.stack}.yaml`;
  const target = join(options.dir, name);
  const salt =
    readOrNothing(target).match(/^encryptionsalt:.*$/m)?.[0] ??
    (await initialise(cli, env, options.stack, name));
  const declared = readFileSync(options.settings, "utf8").replace(sealing, "");
  mkdirSync(options.dir, { recursive: true, mode: 0o700 });
  writeFileSync(target, `${declared.trimEnd()}\n${salt}\n`, { mode: 0o600 });
  return target;
}

/** Makes the stack from an empty project of the same name, and returns the salt line that Pulumi wrote. */
async function initialise(
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
    let said = "";
    child.stdout?.on("data", (data) => (said += data));
    child.stderr?.on("data", (data) => (said += data));
    const code = await new Promise<number | null>((resolve, reject) => {
      child.on("error", reject);
      child.on("close", resolve);
    });
    const salt = readOrNothing(join(folder, name)).match(/^encryptionsalt:.*$/m)?.[0];
    if (code !== 0 || !salt) throw new Error(`Pulumi could not make the stack ${stack}: ${said.trim()}`);
    return salt;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readOrNothing(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
