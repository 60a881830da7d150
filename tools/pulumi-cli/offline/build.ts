import { spawn } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { waitForLock } from "@terminal-fleet/file-lock";
import envPaths from "env-paths";

/*
 * Builds the Pulumi CLI from its Go module, on computers that cannot download the official CLI: see README.md.
 */

const executable = process.platform === "win32" ? "pulumi.exe" : "pulumi";
const modulePath = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi";
const versionVariable = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version";
const progressMs = 15_000;

/** How long to wait in milliseconds for another process that builds the same version. */
const buildWaitMs = 15 * 60_000;

/** The folder of built CLIs of one version, outside the checkout. TERMINAL_FLEET_CACHE moves its parent folder. */
function cacheFolder(version: string): string {
  const root = process.env.TERMINAL_FLEET_CACHE ?? envPaths("terminal-fleet", { suffix: "" }).cache;
  return join(root, `pulumi-${version}`);
}

/** Path of the CLI of this version, if it was built before. */
export function findBuiltPulumi(version: string): string | undefined {
  const path = join(cacheFolder(version), executable);
  return existsSync(path) ? path : undefined;
}

/**
 * Builds the CLI into the cache. When another process builds it, this waits for that build. A build takes about three
 * minutes on two cores, and 115 MB.
 * @param report Receives one line of progress at a time.
 * @returns Path of the executable.
 * @throws Error when Go is missing, the build fails (with the compiler's last lines), or another process builds for
 * more than 15 minutes.
 */
export async function buildPulumi(version: string, report: (line: string) => void): Promise<string> {
  const folder = cacheFolder(version);
  mkdirSync(folder, { recursive: true });
  const release = await waitForLock(join(folder, "build.lock"), {
    waitMs: buildWaitMs,
    holderFile: join(folder, "build.pid"),
  });
  try {
    const built = findBuiltPulumi(version);
    if (built) return built;
    const target = join(folder, executable);
    const partial = `${target}.${process.pid}`;
    try {
      const packages = await countPackages();
      report(`Building Pulumi ${version} from its Go module, once for this computer (about three minutes) …`);
      await compile(version, partial, packages, report);
      installLanguageHost(folder);
      renameSync(partial, target);
    } finally {
      rmSync(partial, { force: true });
    }
    report(`Built ${target}`);
    return target;
  } finally {
    release();
  }
}

/** Writes the launcher of the Node language host beside the CLI, with a start file for each operating system. */
function installLanguageHost(folder: string): void {
  const launcher = join(folder, "launcher.mjs");
  copyFileSync(join(import.meta.dirname, "language-host", "launcher.js"), launcher);
  const name = join(folder, "pulumi-language-nodejs");
  if (process.platform === "win32") writeFileSync(`${name}.cmd`, '@node "%~dp0launcher.mjs" %*\r\n');
  else writeFileSync(name, `#!/bin/sh\nexec node "$(dirname "$0")/launcher.mjs" "$@"\n`, { mode: 0o755 });
}

/** Number of packages that a build without a cache compiles: the total that progress is reported against. */
async function countPackages(): Promise<number> {
  let count = 0;
  await runGo(["list", "-deps", modulePath], () => count++, "stdout");
  return count;
}

async function compile(
  version: string,
  target: string,
  packages: number,
  report: (line: string) => void,
): Promise<void> {
  const flags = `-s -w -X ${versionVariable}=v${version}`;
  let compiled = 0;
  let reportedAt = Date.now();
  await runGo(
    ["build", "-v", "-o", target, "-ldflags", flags, modulePath],
    () => {
      compiled += 1;
      if (Date.now() - reportedAt < progressMs) return;
      reportedAt = Date.now();
      const percent = Math.min(99, Math.round((compiled / packages) * 100));
      report(`  ${percent} % compiled (${compiled} of ${packages} packages)`);
    },
    "stderr",
  );
}

/** Runs the go command in the module that pins the CLI's version. `onLine` receives each line of one stream. */
function runGo(args: string[], onLine: (line: string) => void, stream: "stdout" | "stderr"): Promise<void> {
  const child = spawn("go", args, {
    cwd: join(import.meta.dirname, "go"),
    env: { ...process.env, CGO_ENABLED: "0", GOFLAGS: "-mod=readonly" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const lastLines: string[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => stream === "stdout" && onLine(line));
  createInterface({ input: child.stderr }).on("line", (line) => {
    lastLines.push(line);
    if (lastLines.length > 5) lastLines.shift();
    if (stream === "stderr") onLine(line);
  });
  return new Promise((resolve, reject) => {
    child.on("error", (error: NodeJS.ErrnoException) => {
      reject(new Error(error.code === "ENOENT" ? "Go is not installed (no go on PATH)" : error.message));
    });
    child.on("close", (code, signal) => {
      if (code === 0) resolve();
      else reject(new Error(`go ${args[0]} ended with ${signal ?? code}: ${lastLines.join(" | ")}`));
    });
  });
}
