import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readIdentities, unseal } from "@terminal-fleet/cli";
import { networkFromEnvironment } from "@terminal-fleet/cli/terminal-support";
import { Terminal } from "@terminal-fleet/reference-terminal";
import pMap from "p-map";

/*
 * Terminals for the bench, in a process of their own: it starts the ones that it is told to, and tells its parent
 * what happens to them. Arguments: a folder of hand-overs, the file of the key that opens them, and a folder for the
 * terminals' own files.
 */
const [handovers = "", identity = "", homes = ""] = process.argv.slice(2);

/** What the parent asks for: the first so many; the one of this number alone; the end. */
export type Order = { start: number } | { only: number } | { stop: true };

/** What happens: `connected` says how many are connected. */
export type Event =
  | { connected: number }
  | { handled: string; terminal: string; state: "done" | "failed" }
  | { stopped: true; peakMb: number };

const tell = (event: Event) => process.send?.(event);
const opener = { identities: readIdentities(readFileSync(identity, "utf8")) };
const sealed = readdirSync(handovers)
  .filter((name) => name.endsWith(".age"))
  .sort();
const network = networkFromEnvironment();
const terminals: Terminal[] = [];
let connected = 0;

async function start(file: string): Promise<void> {
  const handover = await unseal(readFileSync(join(handovers, file)), opener);
  const { terminalId } = handover;
  const terminal = await Terminal.open({
    bundle: handover,
    network,
    folder: join(homes, terminalId),
    version: "bench",
    log: () => {},
  });
  terminals.push(terminal);
  let isConnected = false;
  terminal.on("connected", () => {
    if (!isConnected) tell({ connected: ++connected });
    isConnected = true;
  });
  terminal.on("disconnected", () => {
    if (isConnected) tell({ connected: --connected });
    isConnected = false;
  });
  terminal.on("processed", (id, { state }) => tell({ handled: id, terminal: terminalId, state }));
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
  else tell({ stopped: true, peakMb: process.resourceUsage().maxRSS / 1024 });
});
process.on("disconnect", () => process.exit());
