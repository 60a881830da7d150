import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { makeCrowd } from "../../test/cli/file-exchange/offer-crowd.ts";
import { deployFleet } from "../../test/cli/fleet-harness.ts";
import { Desk } from "../../test/cli/onboarding/onboarding-desk.ts";
import { temporaryFolder } from "../../test/support/folder.ts";
import { measure, median, type Run } from "./measure.ts";

const root = resolve(import.meta.dirname, "..", "..");
const terminals = Number(process.env.BENCH_SEND_TERMINALS ?? 1_000);
/** Single sends that are measured. The loop's time for all terminals is derived from them. */
const samples = 8;
const fileBytes = 100_000;

/** Sending one file to all terminals of a customer, against a loop of single sends, each a process. */
export async function benchSendMany(): Promise<string[]> {
  await using fleet = await deployFleet();
  await using folder = await temporaryFolder();
  const operator = await fleet.connect();
  await makeCrowd(operator, "many", terminals, { customer: "many-customer", site: "A" });
  const single = await makeCrowd(operator, "single", samples, { customer: "single-customer", site: "A" });
  const desk = await Desk.at(fleet, folder.path, "terminal;site;customer\n");
  const path = folder.file("employees.csv");
  writeFileSync(path, "x".repeat(fileBytes));
  const send = (...args: string[]): Promise<Run> =>
    measure(
      process.execPath,
      [join(root, "cli", "main.ts"), "send", ...args, "--outputs", desk.outputs, "--json"],
      { cwd: root, env: { ...process.env, ...fleet.env } },
    );
  const times: number[] = [];
  for (const terminal of single) times.push((await send(terminal, path)).seconds);
  const loop = median(times) * terminals;
  const together = await send(path, "--customer", "many-customer", "--yes");
  const again = await send(path, "--customer", "many-customer", "--yes");
  const line = (what: string, value: string) => `${what.padEnd(46)} ${value}`;
  return [
    line("one terminal, one process", `${median(times).toFixed(2)} s (median of ${samples})`),
    line(`a loop over ${terminals} terminals`, `${loop.toFixed(0)} s (from the median)`),
    line(`send --customer, ${terminals} terminals`, `${together.seconds.toFixed(1)} s`),
    line("the same again", `${again.seconds.toFixed(1)} s`),
    line("times as fast as the loop (at least 10)", (loop / together.seconds).toFixed(1)),
  ];
}
