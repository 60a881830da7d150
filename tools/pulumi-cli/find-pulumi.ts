import { execFile, type SpawnOptions, spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, dirname, join, sep } from "node:path";
import { promisify } from "node:util";
import { downloadPulumi } from "./download.ts";
import { buildPulumi, findBuiltPulumi } from "./offline/build.ts";

/** A Pulumi CLI that can run this project. */
export interface PulumiCli {
  /** Absolute path of the executable. */
  path: string;
  /** How it was found. */
  origin: "PATH" | "download" | "build";
}

const require = createRequire(import.meta.url);

/** The version of the CLI that the project is tested with; @pulumi/pulumi stays at its minor version. */
export const pulumiVersion: string = require("./package.json").dependencies.pulumi;

/** The oldest CLI on PATH that is taken; older ones lack the language host calls that Node 24 packages need. */
const oldestOnPath = [3, 200, 0] as const;

/**
 * Finds the Pulumi CLI: on PATH, else the official download, else built from its Go module.
 * @param say Receives one line of progress at a time.
 * @throws Error that names each of the three ways, why it failed, and what to do.
 */
export async function findPulumi(
  say: (line: string) => void = (line) => console.error(line),
): Promise<PulumiCli> {
  const reasons: string[] = [];
  const attempt = async (what: string, find: () => Promise<string | undefined>) => {
    try {
      return await find();
    } catch (error) {
      reasons.push(`  ${what}: ${(error as Error).message}`);
      return undefined;
    }
  };

  const onPath = await attempt("on PATH", pulumiOnPath);
  if (onPath) return { path: onPath, origin: "PATH" };
  const built = findBuiltPulumi(pulumiVersion);
  if (built) return { path: built, origin: "build" };
  const downloaded = await attempt("official download", () => downloadPulumi(pulumiVersion, say));
  if (downloaded) return { path: downloaded, origin: "download" };
  const fresh = await attempt("built from its Go module", () => buildPulumi(pulumiVersion, say));
  if (fresh) return { path: fresh, origin: "build" };
  throw new Error(
    [
      "The Pulumi CLI was not found, and could be neither downloaded nor built:",
      ...reasons,
      `Install Pulumi ${pulumiVersion} (https://www.pulumi.com/docs/install/) or Go 1.25 or newer (https://go.dev/dl/), and run this again.`,
    ].join("\n"),
  );
}

/** The environment in which the CLI runs: `env`, with the CLI itself and the pinned Node in front of PATH. */
export function pulumiEnvironment(cli: PulumiCli, env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  return {
    ...env,
    PATH: [dirname(cli.path), dirname(process.execPath), env.PATH ?? env.Path ?? ""].join(delimiter),
    PULUMI_SKIP_UPDATE_CHECK: "true",
    TERMINAL_FLEET_LANGUAGE_HOST: join(import.meta.dirname, "offline", "language-host", "server.ts"),
  };
}

/** Starts the CLI in the folder `cwd`, which is a Pulumi project's. */
export function spawnPulumi(cli: PulumiCli, args: string[], options: SpawnOptions & { cwd: string }) {
  return spawn(cli.path, args, {
    stdio: "inherit",
    ...options,
    env: pulumiEnvironment(cli, options.env ?? process.env),
  });
}

async function pulumiOnPath(): Promise<string> {
  const name = process.platform === "win32" ? "pulumi.exe" : "pulumi";
  // npm puts node_modules/.bin on PATH; what lies there is the downloader, not the CLI.
  const folders = (process.env.PATH ?? "")
    .split(delimiter)
    .filter((folder) => folder !== "" && !folder.includes(`node_modules${sep}.bin`));
  const found = folders.map((folder) => join(folder, name)).find(isExecutable);
  if (!found) throw new Error("no pulumi there");
  const { stdout } = await promisify(execFile)(found, ["version"], {
    env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" },
  });
  const version = stdout.trim().replace(/^v/, "");
  if (isOlder(version)) {
    throw new Error(`${found} is ${version}, and ${oldestOnPath.join(".")} or newer is needed`);
  }
  return found;
}

function isOlder(version: string): boolean {
  const parts = version.split(/[.-]/).map(Number);
  for (const [index, least] of oldestOnPath.entries()) {
    const part = parts[index] ?? 0;
    if (part !== least) return part < least;
  }
  return false;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
