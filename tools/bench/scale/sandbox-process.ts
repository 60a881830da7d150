import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { sandboxEnvironment, startSandbox } from "@terminal-fleet/sandbox/in-process";
import { readUsage, type Usage } from "./usage.ts";

/*
 * A sandbox in a separate process, for the bench. Arguments: the folder of its state, the port of its proxy (0: a free
 * one), and the resource ID of the hub, which becomes one unit of S3: 10,000 devices are too many for the quota of S1.
 */
const [dir = "", port = "0", hubResourceId = ""] = process.argv.slice(2);

/** An order of the parent: close all connections of devices, or only report. */
export type SandboxOrder = { drop: boolean };

/** What the sandbox reports. */
export interface SandboxReport extends Usage {
  /** Devices that are connected. */
  connected: number;
  /** Application messages from and to devices since the start: MQTT PUBLISH packets in both directions. */
  messages: number;
}

/** The first message. */
export interface SandboxReady {
  proxyUrl: string;
  env: Record<string, string>;
}

const sandbox = await startSandbox({
  dir,
  port: Number(port),
  throttling: false,
  hubDelays: { jobDelayMs: 100 },
  log: (line) => appendFileSync(join(dir, "sandbox.log"), `${line}\n`),
});
const { resources } = sandbox.azure;
const hub = resources.get(hubResourceId);
if (hub && hub.sku?.name !== "S3") resources.put({ ...hub, sku: { ...hub.sku, name: "S3", capacity: 1 } });

let messages = 0;
const { faults } = sandbox.proxy;
const pick = faults.pick.bind(faults);
faults.pick = (host, target) => {
  if (target.method === "PUBLISH" || target.method === "DELIVER") messages++;
  return pick(host, target);
};

process.on("message", ({ drop }: SandboxOrder) => {
  if (drop) sandbox.hub.dropConnections();
  const report: SandboxReport = { ...readUsage(), connected: sandbox.hub.connected(), messages };
  process.send?.(report);
});
process.on("disconnect", async () => {
  await sandbox.close();
  process.exit();
});
const ready: SandboxReady = { proxyUrl: sandbox.proxy.url, env: sandboxEnvironment(sandbox, "operator") };
process.send?.(ready);
