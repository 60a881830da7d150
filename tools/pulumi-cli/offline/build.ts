import { spawn } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import envPaths from "env-paths";
import { lock } from "proper-lockfile";

const executable = process.platform === "win32" ? "pulumi.exe" : "pulumi";
const modulePath = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi";
const versionVariable = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version";
const plainLineEveryMs = 15_000;

/** The folder outside the checkout where built CLIs stay; TERMINAL_FLEET_CACHE moves it. */
function cacheFolder(version: string): string {
  const root = process.env.TERMINAL_FLEET_CACHE ?? envPaths("terminal-fleet", { suffix: "" }).cache;
  return join(root, `pulumi-${version}`);
}

/** Path of the CLI of this version if it was built before. */
export function builtPulumi(version: string): string | undefined {
  const path = join(cacheFolder(version), executable);
  return existsSync(path) ? path : undefined;
}

/**
 * Builds the CLI from its Go module into the cache, once: a second caller waits for the first.
 * About three minutes on two cores; 115 MB.
 * @returns Path of the executable.
 * @throws Error when Go is missing or the build fails, with the compiler's last lines.
 */
export async function buildPulumi(version: string, say: (line: string) => void): Promise<string> {
  const folder = cacheFolder(version);
  mkdirSync(folder, { recursive: true });
  const release = await lock(folder, {
    stale: 60_000,
    update: 10_000,
    retries: { retries: 900, minTimeout: 1000, maxTimeout: 1000 },
  });
  try {
    const ready = builtPulumi(version);
    if (ready) return ready;
    const target = join(folder, executable);
    const partial = `${target}.${process.pid}`;
    try {
      const packages = await countPackages();
      say(`Building Pulumi ${version} from its Go module, once for this machine (about three minutes) …`);
      await compile(version, partial, packages, say);
      installLanguageHost(folder);
      renameSync(partial, target);
    } finally {
      rmSync(partial, { force: true });
    }
    say(`Built ${target}`);
    return target;
  } finally {
    await release();
  }
}

/** Puts the Node language host's launcher beside the CLI, in the form that each system can start. */
function installLanguageHost(folder: string): void {
  const launcher = join(folder, "launcher.mjs");
  copyFileSync(join(import.meta.dirname, "language-host", "launcher.js"), launcher);
  const name = join(folder, "pulumi-language-nodejs");
  if (process.platform === "win32") writeFileSync(`${name}.cmd`, '@node "%~dp0launcher.mjs" %*\r\n');
  else writeFileSync(name, `#!/bin/sh\nexec node "$(dirname "$0")/launcher.mjs" "$@"\n`, { mode: 0o755 });
}

/** How many packages the build compiles when nothing is cached: what progress is counted against. */
async function countPackages(): Promise<number> {
  let count = 0;
  await go(["list", "-deps", modulePath], () => count++, "stdout");
  return count;
}

async function compile(version: string, target: string, packages: number, say: (line: string) => void) {
  const flags = `-s -w -X ${versionVariable}=v${version}`;
  let done = 0;
  let last = Date.now();
  await go(
    ["build", "-v", "-o", target, "-ldflags", flags, modulePath],
    () => {
      done += 1;
      if (Date.now() - last < plainLineEveryMs) return;
      last = Date.now();
      say(
        `  ${Math.min(99, Math.round((done / packages) * 100))} % compiled (${done} of ${packages} packages)`,
      );
    },
    "stderr",
  );
}

/** Runs the go command in the module that pins the CLI; `each` gets every line of one stream. */
function go(args: string[], each: (line: string) => void, stream: "stdout" | "stderr"): Promise<void> {
  const child = spawn("go", args, {
    cwd: join(import.meta.dirname, "go"),
    env: { ...process.env, CGO_ENABLED: "0", GOFLAGS: "-mod=readonly" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const lastLines: string[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => stream === "stdout" && each(line));
  createInterface({ input: child.stderr }).on("line", (line) => {
    lastLines.push(line);
    if (lastLines.length > 5) lastLines.shift();
    if (stream === "stderr") each(line);
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
