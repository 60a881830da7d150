import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { generateIdentity, identityToRecipient } from "age-encryption";
import { type DeployedFleet, deployFleet } from "../../test/cli/fleet-harness.ts";
import { batchOf } from "../../test/cli/onboarding/onboarding-desk.ts";
import { measure, type Run } from "./measure.ts";

const root = resolve(import.meta.dirname, "..", "..");
/** How many terminals are onboarded. The plain script onboards fewer, and rates per second are compared. */
const terminals = Number(process.env.BENCH_TERMINALS ?? 10_000);
const plainTerminals = Number(process.env.BENCH_PLAIN_TERMINALS ?? 300);

interface Rate {
  terminals: number;
  run: Run;
}

const perSecond = ({ terminals, run }: Rate) => terminals / run.seconds;

/** Onboarding without a throttle against a plain script, on localhost and with 50 ms added to every answer. */
export async function benchOnboarding(): Promise<string[]> {
  const lines: string[] = [];
  for (const [delayMs, atLeast] of [
    [0, 3],
    [50, 20],
  ] as const) {
    await using fleet = await deployFleet();
    if (delayMs) fleet.proxy.faults.add({ delayMs });
    const desk = await newDesk(fleet);
    try {
      // The plain script runs before and after, so that a change of the machine's speed affects both.
      const before = await plain(desk, `before-${delayMs}`);
      const ours = await onboardNewBatch(desk, `bench-${delayMs}`, terminals);
      const after = await plain(desk, `after-${delayMs}`);
      const baseline = (perSecond(before) + perSecond(after)) / 2;
      const where = delayMs ? `with ${delayMs} ms added to every answer` : "on localhost";
      lines.push(
        `${where}: ${terminals} terminals in ${ours.run.seconds.toFixed(1)} s, ${perSecond(ours).toFixed(0)} a second, peak ${Math.round(ours.run.largestProcessMb ?? 0)} MB`,
        `  a plain script, ${plainTerminals} terminals before and after: ${perSecond(before).toFixed(1)} and ${perSecond(after).toFixed(1)} a second`,
        `  times as fast: ${(perSecond(ours) / baseline).toFixed(1)} (at least ${atLeast})`,
      );
    } finally {
      desk.remove();
    }
  }
  return lines;
}

interface Desk {
  folder: string;
  recipient: string;
  env: NodeJS.ProcessEnv;
  outputs: string;
  remove(): void;
}

/** An operator's computer: a folder, outputs, and a recipient. */
export async function newDesk(fleet: DeployedFleet): Promise<Desk> {
  const folder = mkdtempSync(join(tmpdir(), "onboarding-bench-"));
  const outputs = join(folder, "outputs.json");
  writeFileSync(outputs, JSON.stringify(fleet.outputs));
  return {
    folder,
    outputs,
    recipient: await identityToRecipient(await generateIdentity()),
    env: { ...process.env, ...fleet.env },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Onboards a new batch with the command line, as a process of its own. */
export async function onboardNewBatch(
  desk: Desk,
  prefix: string,
  terminals: number,
  more: string[] = [],
): Promise<Rate> {
  const batch = join(desk.folder, `${prefix}.csv`);
  writeFileSync(batch, batchOf(prefix, terminals));
  const args = ["onboard", batch, "--outputs", desk.outputs, "--out", join(desk.folder, prefix)];
  const run = await measure(
    process.execPath,
    [join(root, "cli", "main.ts"), ...args, "--recipient", desk.recipient, "--yes", ...more],
    { cwd: root, env: desk.env },
  );
  return { terminals, run };
}

async function plain(desk: Desk, prefix: string): Promise<Rate> {
  const out = join(desk.folder, prefix);
  mkdirSync(out);
  const script = join(root, "tools", "bench", "plain-onboarding.ts");
  const run = await measure(
    process.execPath,
    [script, desk.outputs, out, desk.recipient, prefix, String(plainTerminals)],
    { cwd: root, env: desk.env },
  );
  return { terminals: plainTerminals, run };
}
