import type { Fleet } from "@terminal-fleet/cli";
import { revoke, selectTerminals } from "@terminal-fleet/cli";
import pMap from "p-map";
import { deployFleet } from "../../test/cli/fleet-harness.ts";
import { connectCrowd } from "../../test/cli/lifecycle/connected-crowd.ts";
import { median } from "./measure.ts";

const others = Number(process.env.BENCH_CONNECTED ?? 1_000);
const samples = 5;
/** A customer that is shut out as a whole. */
const customerSize = 200;
const terminalsAtOnce = 32;

/**
 * Until all three doors are verified closed: one terminal with nobody else connected, then among many, then a whole
 * customer at once against the same one terminal after the other. The hub drops a connection a second after the
 * change, as the sandbox's default is.
 */
export async function benchRevoke(): Promise<string[]> {
  await using fleet = await deployFleet();
  const operator = await fleet.connect();
  const lines: string[] = [];
  const say = (what: string, value: string) => lines.push(`${what.padEnd(44)} ${value}`);

  await using few = await connectCrowd(operator, "alone", samples, "alone-customer");
  const alone = await inSequence(operator, few.ids);
  say("one terminal, nobody else connected", `${alone.toFixed(2)} s (median of ${samples})`);

  await using crowd = await connectCrowd(operator, "crowd", others, "crowd-customer");
  await using chosen = await connectCrowd(operator, "chosen", samples, "chosen-customer");
  const among = await inSequence(operator, chosen.ids);
  const stayed = others - crowd.lost.size;
  say(
    `one terminal among ${others} connected`,
    `${among.toFixed(2)} s (at most 3); ${stayed} stayed connected`,
  );

  await using customer = await connectCrowd(operator, "closing", customerSize, "closing-customer");
  await using slowly = await connectCrowd(operator, "slowly", samples, "slowly-customer");
  const from = performance.now();
  const { terminals: targets } = await selectTerminals(operator, { customer: "closing-customer" });
  await pMap(targets.keys(), (id) => shutOut(operator, id), { concurrency: terminalsAtOnce });
  const together = (performance.now() - from) / 1000 / customer.ids.length;
  const oneByOne = await inSequence(operator, slowly.ids);
  say(`a customer of ${customerSize}, together`, `${(1 / together).toFixed(1)} a second`);
  say("the same, one after the other", `${(1 / oneByOne).toFixed(1)} a second (by ${samples})`);
  say("times as fast", (oneByOne / together).toFixed(1));
  return lines;
}

async function inSequence(operator: Fleet, ids: string[]): Promise<number> {
  const seconds: number[] = [];
  for (const id of ids) {
    const from = performance.now();
    await shutOut(operator, id);
    seconds.push((performance.now() - from) / 1000);
  }
  return median(seconds);
}

async function shutOut(operator: Fleet, id: string): Promise<void> {
  const doors = await revoke(id, operator, { reason: "bench" });
  const open = doors.find(({ closed }) => !closed);
  if (open) throw new Error(`${id} still gets in by ${open.accessPath}: ${open.what}`);
}
