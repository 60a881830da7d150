import type { Fleet } from "@terminal-fleet/cli";
import { revoke, selectTerminals } from "@terminal-fleet/cli";
import pMap from "p-map";
import { deployFleet } from "../../test/cli/fleet-harness.ts";
import { connectCrowd } from "../../test/cli/lifecycle/connected-crowd.ts";
import { median } from "./measure.ts";

const others = Number(process.env.BENCH_CONNECTED ?? 1_000);
const samples = 5;
/** The number of terminals of the customer that is revoked as a whole. */
const customerSize = 200;
const terminalsAtOnce = 32;

/**
 * The time until all three access paths are verified as closed: for one terminal that is connected alone, for one among
 * many, and for all terminals of a customer concurrently and one after another. The hub closes a connection one second
 * after the change, which is the sandbox's default.
 */
export async function benchRevoke(): Promise<string[]> {
  await using fleet = await deployFleet();
  const operator = await fleet.connect();
  const lines: string[] = [];
  const report = (what: string, value: string) => lines.push(`${what.padEnd(44)} ${value}`);

  await using few = await connectCrowd(operator, "alone", samples, "alone-customer");
  const alone = await inSequence(operator, few.ids);
  report("one terminal, connected alone", `${alone.toFixed(2)} s (median of ${samples})`);

  await using crowd = await connectCrowd(operator, "crowd", others, "crowd-customer");
  await using chosen = await connectCrowd(operator, "chosen", samples, "chosen-customer");
  const among = await inSequence(operator, chosen.ids);
  const stayed = others - crowd.lost.size;
  report(
    `one terminal among ${others} connected`,
    `${among.toFixed(2)} s (at most 3); ${stayed} stayed connected`,
  );

  await using customer = await connectCrowd(operator, "closing", customerSize, "closing-customer");
  await using slowly = await connectCrowd(operator, "slowly", samples, "slowly-customer");
  const from = performance.now();
  const { terminals: targets } = await selectTerminals(operator, { customer: "closing-customer" });
  await pMap(targets.keys(), (id) => revokeOne(operator, id), { concurrency: terminalsAtOnce });
  const together = (performance.now() - from) / 1000 / customer.ids.length;
  const oneByOne = await inSequence(operator, slowly.ids);
  report(`a customer of ${customerSize}, together`, `${(1 / together).toFixed(1)} a second`);
  report("the same, one after another", `${(1 / oneByOne).toFixed(1)} a second (by ${samples})`);
  report("times as fast", (oneByOne / together).toFixed(1));
  return lines;
}

async function inSequence(operator: Fleet, ids: string[]): Promise<number> {
  const seconds: number[] = [];
  for (const id of ids) {
    const from = performance.now();
    await revokeOne(operator, id);
    seconds.push((performance.now() - from) / 1000);
  }
  return median(seconds);
}

async function revokeOne(operator: Fleet, id: string): Promise<void> {
  const accessPaths = await revoke(id, operator, { reason: "bench" });
  const open = accessPaths.find(({ closed }) => !closed);
  if (open) throw new Error(`${id} still has access through ${open.accessPath}: ${open.what}`);
}
