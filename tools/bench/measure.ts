import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

/** One run of a command. */
export interface Run {
  seconds: number;
  /** Peak resident memory of the largest process of the command's tree, in MB; undefined off Linux. */
  largestProcessMb: number | undefined;
  /** What it printed, on both outputs. */
  output: string;
}

/** The middle of the values; of an even number, the upper of the two. */
export function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/**
 * Runs each command `runs` times, in turn (A B A B …), after one run of each that is not counted: a machine whose
 * speed drifts then slows both.
 */
export async function inTurn(commands: (() => Promise<Run>)[], runs: number): Promise<Run[][]> {
  const results: Run[][] = commands.map(() => []);
  for (let round = 0; round <= runs; round++) {
    for (const [index, command] of commands.entries()) {
      const run = await command();
      if (round > 0) results[index]?.push(run);
    }
  }
  return results;
}

/** Runs a command to its end. @throws Error with its output when it fails. */
export function measure(
  command: string,
  args: string[],
  options: { cwd: string; env: NodeJS.ProcessEnv },
): Promise<Run> {
  const from = performance.now();
  const child = spawn(command, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  child.stdout.on("data", (data) => (output += data));
  child.stderr.on("data", (data) => (output += data));
  let peakKb = 0;
  const timer = setInterval(() => {
    peakKb = Math.max(peakKb, peakOfTree(child.pid ?? 0));
  }, 50);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      clearInterval(timer);
      if (code !== 0) return reject(new Error(`${command} ${args[0]} ended with ${code}:\n${output}`));
      resolve({
        seconds: (performance.now() - from) / 1000,
        largestProcessMb: peakKb > 0 ? peakKb / 1024 : undefined,
        output,
      });
    });
  });
}

/** The high-water mark of the largest process below `root`, in kB; 0 where the system has no /proc. */
function peakOfTree(root: number): number {
  const parents = new Map<number, number>();
  const peaks = new Map<number, number>();
  for (const name of listProcesses()) {
    const status = readStatus(name);
    const parent = /^PPid:\s+(\d+)/m.exec(status)?.[1];
    if (!parent) continue;
    parents.set(Number(name), Number(parent));
    peaks.set(Number(name), Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1] ?? 0));
  }
  let largest = 0;
  for (const [pid, peak] of peaks) {
    if (isBelow(pid, root, parents)) largest = Math.max(largest, peak);
  }
  return largest;
}

function isBelow(pid: number, root: number, parents: Map<number, number>): boolean {
  for (let at: number | undefined = pid; at; at = parents.get(at)) if (at === root) return true;
  return false;
}

function listProcesses(): string[] {
  try {
    return readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
}

function readStatus(name: string): string {
  try {
    return readFileSync(`/proc/${name}/status`, "utf8");
  } catch {
    return "";
  }
}
