import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readIdentities, unseal } from "@terminal-fleet/cli";
import { networkFromEnvironment } from "@terminal-fleet/cli/terminal-support";
import { Terminal } from "@terminal-fleet/reference-terminal";
import pMap from "p-map";

/*
 * A process that runs terminals for the bench. It starts terminals on its parent's orders, and reports their events.
 * Arguments: a folder of credential bundles, the file of the identity that opens them, and a folder for the terminals'
 * files.
 */
const [bundles = "", identity = "", homes = ""] = process.argv.slice(2);

/** An order of the parent: start the first terminals, run only the one with this number, or end. */
export type Order = { start: number } | { only: number } | { stop: true };

/** An event. `connected` is the number of connected terminals. */
export type Event =
  | { connected: number }
  | { handled: string; terminal: string; state: "done" | "failed" }
  | { stopped: true; peakMb: number };

const report = (event: Event) => process.send?.(event);
const opener = { identities: readIdentities(readFileSync(identity, "utf8")) };
const sealed = readdirSync(bundles)
  .filter((name) => name.endsWith(".age"))
  .sort();
const network = networkFromEnvironment();
const terminals: Terminal[] = [];
let connected = 0;

async function start(file: string): Promise<void> {
  const bundle = await unseal(readFileSync(join(bundles, file)), opener);
  const { terminalId } = bundle;
  const terminal = await Terminal.open({
    bundle,
    network,
    folder: join(homes, terminalId),
    version: "bench",
    log: () => {},
  });
  terminals.push(terminal);
  let isConnected = false;
  terminal.on("connected", () => {
    if (!isConnected) report({ connected: ++connected });
    isConnected = true;
  });
  terminal.on("disconnected", () => {
    if (isConnected) report({ connected: --connected });
    isConnected = false;
  });
  terminal.on("processed", (id, { state }) => report({ handled: id, terminal: terminalId, state }));
  await terminal.start();
}

async function stop(): Promise<void> {
  for (const terminal of terminals) terminal.removeAllListeners();
  await Promise.all(terminals.splice(0).map((terminal) => terminal.stop()));
  connected = 0;
}

process.on("message", async (order: Order) => {
  if ("start" in order) {
    await pMap(sealed.slice(0, order.start), start, { concurrency: 50 });
    return;
  }
  await stop();
  if ("only" in order) await start(sealed[order.only] as string);
  else report({ stopped: true, peakMb: process.resourceUsage().maxRSS / 1024 });
});
process.on("disconnect", () => process.exit());
