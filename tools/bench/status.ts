import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Fleet } from "@terminal-fleet/cli";
import { mintDeviceKeys } from "@terminal-fleet/cli";
import pMap from "p-map";
import { deployFleet } from "../../test/cli/fleet-harness.ts";
import { measure, median, type Run } from "./measure.ts";

const root = resolve(import.meta.dirname, "..", "..");
const terminals = Number(process.env.BENCH_STATUS_TERMINALS ?? 10_000);
/** The plain script reads fewer, and its time is scaled to all terminals. */
const plainTerminals = Number(process.env.BENCH_PLAIN_TERMINALS ?? 300);
const customer = "bench-customer";
const sites = 40;
const runs = 3;

/** The status of a fleet, against a plain script that reads one terminal after another, in the same run. */
export async function benchStatus(): Promise<string[]> {
  await using fleet = await deployFleet();
  const folder = mkdtempSync(join(tmpdir(), "status-bench-"));
  try {
    await fill(await fleet.connect());
    const outputs = join(folder, "outputs.json");
    writeFileSync(outputs, JSON.stringify(fleet.outputs));
    const page = join(folder, "fleet.html");
    const node = (...args: string[]) =>
      measure(process.execPath, args, { cwd: root, env: { ...process.env, ...fleet.env } });
    const status = (...more: string[]) =>
      node(join(root, "cli", "main.ts"), "status", "--outputs", outputs, ...more);
    const plain = () =>
      node(
        join(root, "tools", "bench", "plain-status.ts"),
        outputs,
        customer,
        "bench",
        String(plainTerminals),
      );

    const lines: string[] = [];
    for (const delayMs of [0, 50]) {
      fleet.proxy.faults.clear();
      if (delayMs) fleet.proxy.faults.add({ delayMs });
      const ours: Run[] = [];
      const theirs: Run[] = [];
      // The two alternate, so that a change of the machine's speed affects both.
      for (let run = 0; run < runs; run++) {
        ours.push(await status("--json"));
        theirs.push(await plain());
      }
      const seconds = median(ours.map((run) => run.seconds));
      const plainSeconds = (median(theirs.map((run) => run.seconds)) / plainTerminals) * terminals;
      const peak = Math.max(...ours.map((run) => run.largestProcessMb ?? 0));
      const where = delayMs ? `with ${delayMs} ms added to every answer` : "on localhost";
      lines.push(
        `${where}: ${terminals} terminals in ${seconds.toFixed(1)} s, peak ${Math.round(peak)} MB`,
        `  a plain script, by ${plainTerminals} terminals: ${plainSeconds.toFixed(0)} s`,
        `  times as fast: ${(plainSeconds / seconds).toFixed(0)}`,
      );
    }
    fleet.proxy.faults.clear();
    const html = await status("--html", page);
    const withPolicies = await status("--json", "--policies");
    const megabytes = readFileSync(page).length / 1e6;
    lines.push(
      `as a page: ${html.seconds.toFixed(1)} s, ${megabytes.toFixed(1)} MB`,
      `with each container's policy: ${withPolicies.seconds.toFixed(1)} s`,
    );
    return lines;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Creates identities, rows and containers without credential bundles, which `status` does not read. */
async function fill({ registry, flowKeys, files }: Fleet): Promise<void> {
  const ids = Array.from({ length: terminals }, (_, n) => `bench-${n}`);
  const siteOf = (id: string) => `Site ${Number(id.slice(id.indexOf("-") + 1)) % sites}`;
  const hundreds = Array.from({ length: Math.ceil(terminals / 100) }, (_, n) =>
    ids.slice(n * 100, n * 100 + 100),
  );
  for (const some of hundreds) {
    await registry.create(
      some.map((id) => ({ id, keys: mintDeviceKeys(), tags: { customer, site: siteOf(id) } })),
    );
    const keyCreatedAt = new Date().toISOString();
    await flowKeys.add(
      customer,
      new Map(
        some.map((id) => [
          id,
          {
            currentKeySha256: "x",
            previousKeySha256: "",
            status: "active",
            site: siteOf(id),
            keyCreatedAt,
            sharedKeySha256: "",
          },
        ]),
      ),
    );
  }
  await pMap(ids, (id) => files.ensureContainer(id), { concurrency: 16 });
}
