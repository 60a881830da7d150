import { appendFileSync } from "node:fs";
import { startSandbox } from "../core/sandbox.ts";
import { controlApp, serveControl } from "./control.ts";
import { SandboxDirectory } from "./sandbox-directory.ts";

/*
 * The sandbox as a process of its own, started by `sandbox up`. It tells its parent over IPC that it is ready
 * or why it cannot be, and then lives until `sandbox down` or a signal.
 */
process.umask(0o077);
const place = new SandboxDirectory(process.argv[2]);
const tell = (message: object) => process.send?.(message);
const log = (line: string) =>
  appendFileSync(place.log, `${new Date().toISOString()} ${line}\n`, { mode: 0o600 });

try {
  const kept = place.settings;
  const port = process.env.SANDBOX_PORT ? Number(process.env.SANDBOX_PORT) : kept.port;
  const sandbox = await startSandbox({
    dir: place.dir,
    port,
    providerPorts: kept.providerPorts,
    throttling: process.env.SANDBOX_THROTTLING !== "off",
    log,
  });
  place.settings = {
    port: Number(new URL(sandbox.proxy.url).port),
    providerPorts: sandbox.providers.ports,
  };
  let stopping = false;
  const stop = async () => {
    if (stopping) return;
    stopping = true;
    log("stopping");
    control.close();
    await sandbox.close();
    process.exit(0);
  };
  const control = await serveControl(controlApp(sandbox, stop), place.makeSocket());
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
  log(`ready, proxy ${sandbox.proxy.url}`);
  tell({ ready: true });
  process.disconnect?.();
} catch (error) {
  const failure = error as NodeJS.ErrnoException & { port?: number };
  const reason =
    failure.code === "EADDRINUSE"
      ? `Port ${failure.port ?? "of the sandbox"} is taken by another program. End that one, or choose another: npm run sandbox -- up --port N`
      : failure.message;
  log(`cannot start: ${failure.stack}`);
  tell({ failed: reason });
  process.exitCode = 1;
  process.disconnect?.();
}
