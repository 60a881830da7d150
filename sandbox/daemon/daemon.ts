import { appendFileSync } from "node:fs";
import { printable } from "../core/printable.ts";
import { startSandbox } from "../core/sandbox.ts";
import { createControlApp, serveControl } from "./control.ts";
import type { StartMessage } from "./control-client.ts";
import { SandboxDirectory } from "./sandbox-directory.ts";

/*
 * The sandbox as a process of its own, which `azure-sandbox up` starts. Over IPC it reports to its parent that it is
 * ready or why it cannot start. It then runs until `azure-sandbox down` or a signal, or with SANDBOX_ENDS_WITH_PARENT
 * until its parent ends.
 */
process.umask(0o077);
const directory = new SandboxDirectory(process.argv[2]);
const report = (message: StartMessage) => process.send?.(message);
const log = (line: string) =>
  appendFileSync(directory.log, `${new Date().toISOString()} ${printable(line)}\n`, { mode: 0o600 });

// Node would write the message as it is, and it can contain what a client sent.
process.on("uncaughtException", (error) => {
  log(`The sandbox failed: ${error.stack}`);
  process.exit(1);
});

try {
  const saved = directory.settings;
  const requestedPort = process.env.SANDBOX_PORT ? Number(process.env.SANDBOX_PORT) : undefined;
  const throttling = process.env.SANDBOX_THROTTLING !== "off";
  const sandbox = await startSandbox({
    dir: directory.dir,
    port: requestedPort,
    stablePorts: { proxy: saved.port, providers: saved.providerPorts },
    throttling,
    log,
  });
  const port = Number(new URL(sandbox.proxy.url).port);
  const providerPorts = sandbox.providers.ports;
  const portsChanged =
    (requestedPort === undefined && saved.port !== undefined && saved.port !== port) ||
    Object.entries(saved.providerPorts ?? {}).some(([name, savedPort]) => savedPort !== providerPorts[name]);
  directory.settings = { port, providerPorts };
  let isStopping = false;
  const stop = async () => {
    if (isStopping) return;
    isStopping = true;
    log("stopping");
    control.close();
    await sandbox.close();
    if (process.env.SANDBOX_TEMPORARY === "yes") directory.delete();
    process.exit(0);
  };
  const control = await serveControl(
    createControlApp(sandbox, { throttling, stop }),
    directory.prepareSocket(),
  );
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
  log(`ready, proxy ${sandbox.proxy.url}`);
  report({ ready: true, portsChanged });
  if (process.env.SANDBOX_ENDS_WITH_PARENT === "yes") process.on("disconnect", stop);
  else process.disconnect?.();
} catch (error) {
  const failure = error as NodeJS.ErrnoException & { port?: number };
  const isPortInUse = failure.code === "EADDRINUSE";
  const reason = isPortInUse
    ? `Port ${failure.port ?? "of the sandbox"} is in use by another program.`
    : failure.message;
  log(`cannot start: ${failure.stack}`);
  report({ failed: reason, isPortInUse });
  process.exitCode = 1;
  process.disconnect?.();
}
