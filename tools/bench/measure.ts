import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

/** Milliseconds between two readings of memory. A high-water mark is lost only when it rises after the last one. */
const readingMs = 200;

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
  }, readingMs);
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

/**
 * The high-water mark of the largest process of a tree, in kB; 0 where the system has no /proc. Only the tree is read: a read
 * of all processes would take a share of the computing time that is measured.
 */
function peakOfTree(root: number): number {
  const own = Number(/^VmHWM:\s+(\d+)/m.exec(readText(`/proc/${root}/status`))?.[1] ?? 0);
  return Math.max(own, ...childrenOf(root).map(peakOfTree));
}

/** The processes that any thread of a process started. */
function childrenOf(pid: number): number[] {
  const threads = listFolder(`/proc/${pid}/task`);
  return threads.flatMap((thread) =>
    readText(`/proc/${pid}/task/${thread}/children`).split(" ").filter(Boolean).map(Number),
  );
}

/** A process can end at any time. */
function listFolder(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
