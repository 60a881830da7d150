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

/** The version of the CLI that the project is tested with. @pulumi/pulumi has the same minor version. */
export const pulumiVersion: string = require("./package.json").dependencies.pulumi;

/** The oldest accepted CLI on PATH. Older ones do not call the language host in the way that Node 24 packages need. */
const oldestOnPath = [3, 200, 0] as const;

/**
 * Finds the Pulumi CLI: on PATH, otherwise built earlier, otherwise by the official download, otherwise by a build from
 * its Go module.
 * @param report Receives one line of progress at a time; default: printed to standard error.
 * @throws Error that gives for each way the reason why it failed, and the remedy.
 */
export async function findPulumi(
  report: (line: string) => void = (line) => console.error(line),
): Promise<PulumiCli> {
  const reasons: string[] = [];
  const attempt = async (description: string, find: () => Promise<string>) => {
    try {
      return await find();
    } catch (error) {
      reasons.push(`  ${description}: ${(error as Error).message}`);
      return undefined;
    }
  };

  const onPath = await attempt("on PATH", findOnPath);
  if (onPath) return { path: onPath, origin: "PATH" };
  const builtEarlier = findBuiltPulumi(pulumiVersion);
  if (builtEarlier) return { path: builtEarlier, origin: "build" };
  const downloaded = await attempt("official download", () => downloadPulumi(pulumiVersion, report));
  if (downloaded) return { path: downloaded, origin: "download" };
  const built = await attempt("build from the Go module", () => buildPulumi(pulumiVersion, report));
  if (built) return { path: built, origin: "build" };
  throw new Error(
    [
      "The Pulumi CLI was not found, and could be neither downloaded nor built:",
      ...reasons,
      `Install Pulumi ${pulumiVersion} (https://www.pulumi.com/docs/install/) or Go 1.25 or newer (https://go.dev/dl/), then run the same command again.`,
    ].join("\n"),
  );
}

/** The environment of the CLI: `env`, with the folders of the CLI and of the pinned Node first on PATH. */
export function pulumiEnvironment(cli: PulumiCli, env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  return {
    ...env,
    PATH: [dirname(cli.path), dirname(process.execPath), env.PATH ?? env.Path ?? ""].join(delimiter),
    PULUMI_SKIP_UPDATE_CHECK: "true",
    TERMINAL_FLEET_LANGUAGE_HOST: join(import.meta.dirname, "offline", "language-host", "server.ts"),
  };
}

/** Starts the CLI in `cwd`, the folder of a Pulumi project. */
export function spawnPulumi(cli: PulumiCli, args: string[], options: SpawnOptions & { cwd: string }) {
  return spawn(cli.path, args, {
    stdio: "inherit",
    ...options,
    env: pulumiEnvironment(cli, options.env ?? process.env),
  });
}

async function findOnPath(): Promise<string> {
  const name = process.platform === "win32" ? "pulumi.exe" : "pulumi";
  // npm puts node_modules/.bin on PATH. The `pulumi` in it is the npm package that downloads the CLI.
  const folders = (process.env.PATH ?? "")
    .split(delimiter)
    .filter((folder) => folder !== "" && !folder.includes(`node_modules${sep}.bin`));
  const path = folders.map((folder) => join(folder, name)).find(isExecutable);
  if (!path) throw new Error(`no folder of PATH contains ${name}`);
  // `pulumiEnvironment` puts the folder of the built CLI on PATH. Its version is known without starting it.
  if (path === findBuiltPulumi(pulumiVersion)) return path;
  const { stdout } = await promisify(execFile)(path, ["version"], {
    env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" },
  });
  const version = stdout.trim().replace(/^v/, "");
  if (isTooOld(version)) {
    throw new Error(`${path} has version ${version}; ${oldestOnPath.join(".")} or newer is needed`);
  }
  return path;
}

function isTooOld(version: string): boolean {
  const parts = version.split(/[.-]/).map(Number);
  for (const [index, oldest] of oldestOnPath.entries()) {
    const part = parts[index] ?? 0;
    if (part !== oldest) return part < oldest;
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
