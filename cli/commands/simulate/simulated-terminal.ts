import { join } from "node:path";
import { fileLog, Terminal, type TerminalOptions, type Vault } from "@terminal-fleet/reference-terminal";
import type { NetworkSettings } from "../../azure/network.ts";
import type { CredentialBundle } from "../../credentials/credential-bundle.ts";
import type { Output } from "../../terminal-ui/output.ts";
import type { SimulateOptions } from "./definition.ts";

/** Totals of a simulation. `--json` writes them under these names. */
export interface SimulationCounts {
  terminals: number;
  connected: number;
  /** Files downloaded. */
  received: number;
  /** Files uploaded. */
  delivered: number;
  failed: number;
  lookups: number;
  /** Lookups answered with 401. */
  refusedLookups: number;
}

/** Whether and why terminals reached the IoT Hub. */
export interface Reachability {
  /** Whether the IoT Hub answered a terminal: it connected, or was rejected. */
  isReached: boolean;
  /** Why the IoT Hub was last not reached; undefined when it was always reached. */
  lastFailure: string | undefined;
}

/** Starts one reference terminal, counts its events, and writes its log lines to the output. */
export async function startTerminal(
  bundle: CredentialBundle,
  context: {
    network: NetworkSettings;
    vault: Vault;
    doctor?: TerminalOptions["doctor"];
    options: SimulateOptions;
    output: Output;
    counts: SimulationCounts;
    reachability: Reachability;
  },
): Promise<Terminal> {
  const { network, vault, doctor, options, output, counts, reachability } = context;
  const { terminalId } = bundle;
  const folder = join(options.folder, terminalId);
  const log = fileLog(folder, (line) =>
    output.result("log", { terminal: terminalId, line }, `${terminalId}  ${line}`),
  );
  const terminal = await Terminal.open({
    bundle,
    network,
    vault,
    folder,
    version: "reference-1",
    doctor,
    log,
  });
  countEvents(terminal, counts, reachability);
  await terminal.start();
  const { lookup, lookupEvery } = options;
  if (lookup !== undefined) {
    const lookUp = async () => {
      counts.lookups++;
      const { status } = await terminal.lookups.get(lookup).catch(() => ({ status: 0 }));
      if (status === 401) counts.refusedLookups++;
      log(`lookup ${lookup}: ${status || "no answer"}`);
    };
    await lookUp();
    if (lookupEvery > 0) setInterval(lookUp, lookupEvery * 1000).unref();
  }
  return terminal;
}

function countEvents(terminal: Terminal, counts: SimulationCounts, reachability: Reachability): void {
  let isConnected = false;
  terminal.on("connected", () => {
    if (!isConnected) counts.connected++;
    isConnected = true;
    reachability.isReached = true;
  });
  terminal.on("disconnected", (reason, detail) => {
    if (reason === "NotConnectedError") reachability.lastFailure = detail;
    else reachability.isReached = true;
    if (isConnected) counts.connected--;
    isConnected = false;
  });
  terminal.on("processed", (_, { state }, { direction }) => {
    if (state === "failed") counts.failed++;
    else if (direction === "download") counts.received++;
    else counts.delivered++;
  });
}
