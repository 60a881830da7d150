import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readIdentities, unseal } from "@terminal-fleet/cli";
import { networkFromEnvironment } from "@terminal-fleet/cli/terminal-support";
import { Terminal } from "@terminal-fleet/reference-terminal";
import pMap from "p-map";
import { readUsage, type Usage } from "./usage.ts";

/*
 * A process that runs terminals for the bench. It runs them on its parent's orders, and reports their events. Arguments: a
 * folder of credential bundles, the file of the identity that opens them, a folder for the terminals' files, and which
 * terminals are its own: those with the number `part` modulo `parts`, in the order of their IDs.
 */
const [bundles = "", identity = "", homes = "", part = "0", parts = "1"] = process.argv.slice(2);

/** An order of the parent: start all own terminals, stop all and start one, stop all, or report the process' usage. */
export type TerminalsOrder = { start: true } | { only: string } | { stop: true } | { usage: true };

/** An event of a terminal, or an answer to an order. */
export type TerminalsEvent =
  | { connected: string }
  | { disconnected: string; reason: string }
  | { handled: string; terminal: string; state: "done" | "failed" }
  | { opened: number }
  | { usage: Usage }
  | { stopped: true };

/** Terminals of a process that connect concurrently at the start. */
const connectsAtOnce = 50;

const report = (event: TerminalsEvent) => process.send?.(event);
const opener = { identities: readIdentities(readFileSync(identity, "utf8")) };
const own = readdirSync(bundles)
  .filter((name) => name.endsWith(".age"))
  .sort()
  .filter((_, number) => number % Number(parts) === Number(part));
const network = networkFromEnvironment();
let terminals: Terminal[] = [];

async function open(file: string): Promise<Terminal> {
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
  terminal.on("connected", () => report({ connected: terminalId }));
  terminal.on("disconnected", (reason) => report({ disconnected: terminalId, reason }));
  terminal.on("processed", (id, { state }) => report({ handled: id, terminal: terminalId, state }));
  return terminal;
}

async function stop(): Promise<void> {
  for (const terminal of terminals) terminal.removeAllListeners();
  await pMap(terminals, (terminal) => terminal.stop(), { concurrency: 200 });
  terminals = [];
}

process.on("message", async (order: TerminalsOrder) => {
  if ("usage" in order) report({ usage: readUsage() });
  else if ("start" in order) {
    // Opened first, so that the time until all are connected is that of the connections.
    await pMap(own, open, { concurrency: 16 });
    report({ opened: terminals.length });
    // The device SDK runs a program that names the operating system, until it knows the name: for the first terminal only.
    await terminals[0]?.start();
    await pMap(terminals.slice(1), (terminal) => terminal.start(), { concurrency: connectsAtOnce });
  } else {
    await stop();
    if ("only" in order) await (await open(`${order.only}.age`)).start();
    else report({ stopped: true });
  }
});
process.on("disconnect", () => process.exit());
