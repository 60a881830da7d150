import { randomBytes } from "node:crypto";
import { closeSync, openSync, writeSync } from "node:fs";
import { join, resolve } from "node:path";
import { deployFleet } from "../../test/cli/fleet-harness.ts";
import { batchOf, Desk } from "../../test/cli/onboarding/onboarding-desk.ts";
import { temporaryFolder } from "../../test/support/folder.ts";
import { measure, type Run } from "./measure.ts";

const root = resolve(import.meta.dirname, "..", "..");
const mb = 1024 * 1024;
const largeMb = Number(process.env.BENCH_FILE_MB ?? 1024);
const smallMb = 64;

/** Sending a large file, against a small one in the same run: the time per MB and the memory stay the same. */
export async function benchFiles(): Promise<string[]> {
  await using fleet = await deployFleet();
  await using folder = await temporaryFolder();
  const desk = await Desk.at(fleet, folder.path, batchOf("bench", 1));
  const onboarding = await desk.onboard();
  if (onboarding.code !== 0) throw new Error(onboarding.stderr);
  const send = (path: string) =>
    measure(
      process.execPath,
      [join(root, "cli", "main.ts"), "send", "bench-0", path, "--outputs", desk.outputs],
      { cwd: root, env: { ...process.env, ...fleet.env } },
    );
  const small = await send(fileOf(folder.file("small.bin"), smallMb));
  const path = fileOf(folder.file("large.bin"), largeMb);
  const large = await send(path);
  const again = await send(path);
  const line = (what: string, { seconds, largestProcessMb }: Run) => {
    const memory = largestProcessMb ? `, peak ${Math.round(largestProcessMb)} MB` : "";
    return `${what.padEnd(24)} ${seconds.toFixed(1)} s${memory}`;
  };
  return [
    line(`${smallMb} MB sent`, small),
    line(`${largeMb} MB sent`, large),
    line("the same again", again),
    `MB a second              ${((largeMb - smallMb) / (large.seconds - small.seconds)).toFixed(0)}`,
  ];
}

function fileOf(path: string, megabytes: number): string {
  const file = openSync(path, "w");
  for (let written = 0; written < megabytes; written++) writeSync(file, randomBytes(mb));
  closeSync(file);
  return path;
}
