import { chmodSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { Hono } from "hono";
import { z } from "zod";
import type { Sandbox } from "../core/sandbox.ts";
import { sandboxEnvironment } from "../core/sandbox-environment.ts";
import { OrderedFaults } from "../faults/ordered-faults.ts";
import { readConditions, writeConditions } from "../resource-manager/subscription-conditions.ts";
import type { Status } from "./control-client.ts";

const principalName = z.enum(["deployer", "operator"]);

/**
 * The HTTP API that controls the running sandbox. Only its owner can connect to the socket.
 * @param options.throttling Whether the IoT Hub enforces its throttles and quotas.
 * @param options.stop Stops the sandbox and ends the process.
 */
export function createControlApp(
  sandbox: Sandbox,
  { throttling, stop }: { throttling: boolean; stop: () => void },
): Hono {
  const app = new Hono();
  const startedAt = new Date().toISOString();
  app.onError((error, c) => c.json({ error: error.message }, 400));
  app.get("/status", (c) => c.json(readStatus(sandbox, { startedAt, throttling })));
  app.post("/env", async (c) => {
    const body = z
      .object({ as: principalName, realProviders: z.boolean().optional() })
      .parse(await c.req.json());
    return c.json(sandboxEnvironment(sandbox, body.as, { realProviders: body.realProviders }));
  });
  app.post("/member", async (c) => {
    const { group, as, remove } = z
      .object({ group: z.string(), as: principalName, remove: z.boolean().optional() })
      .parse(await c.req.json());
    const change = remove ? removeMember : addMember;
    return c.json({ group, member: change(sandbox, group, as) });
  });
  app.post("/clock", async (c) => {
    const { moveMs } = z.object({ moveMs: z.number() }).parse(await c.req.json());
    sandbox.clock.move(moveMs);
    return c.json({ now: new Date(sandbox.clock.now()).toISOString() });
  });
  app.get("/conditions", (c) => c.json(readConditions(sandbox.azure)));
  app.post("/conditions", async (c) => c.json(writeConditions(sandbox.azure, await c.req.json())));
  const faults = new OrderedFaults(sandbox.proxy.faults);
  app.get("/faults", (c) => c.json({ faults: faults.list() }));
  app.post("/faults", async (c) => c.json(faults.add(await c.req.json())));
  app.post("/faults/clear", async (c) => {
    const { id } = z.object({ id: z.number().int().optional() }).parse(await c.req.json());
    return c.json({ cleared: faults.clear(id) });
  });
  app.post("/seed", async (c) => {
    const { text, file } = z.object({ text: z.string(), file: z.string() }).parse(await c.req.json());
    // Only seeds need the YAML parser.
    const [{ applySeed }, { readSeed }] = await Promise.all([
      import("../seed/apply-seed.ts"),
      import("../seed/read-seed.ts"),
    ]);
    return c.json(await applySeed(sandbox, readSeed(text, file)));
  });
  app.post("/lifecycle", async (c) => c.json({ deleted: await sandbox.storage.runLifecycle() }));
  app.get("/alerts", (c) => c.json({ alerts: sandbox.evaluateAlerts() }));
  app.post("/stop", (c) => {
    setImmediate(stop);
    return c.json({ stopping: true });
  });
  return app;
}

/**
 * Adds one of the sandbox's principals to a group, as an administrator of the tenant would.
 * @returns The display name of the principal.
 * @throws When no group has this name.
 */
export function addMember(sandbox: Sandbox, group: string, as: keyof Sandbox["principals"]): string {
  const principal = sandbox.principals[as];
  sandbox.azure.directory.addMember(findGroup(sandbox, group), principal.objectId);
  return principal.displayName;
}

/**
 * Removes one of the sandbox's principals from a group.
 * @returns The display name of the principal.
 * @throws When no group has this name, or the principal is no member of it.
 */
function removeMember(sandbox: Sandbox, group: string, as: keyof Sandbox["principals"]): string {
  const { directory } = sandbox.azure;
  const principal = sandbox.principals[as];
  const groupId = findGroup(sandbox, group);
  if (!directory.isMember(groupId, principal.objectId))
    throw new Error(`The ${as} is no member of ${group}.`);
  directory.removeMember(groupId, principal.objectId);
  return principal.displayName;
}

/** The object ID of a group. @throws When no group has this name. */
function findGroup(sandbox: Sandbox, group: string): string {
  const found = sandbox.azure.directory.findGroup(group);
  if (found) return found.objectId;
  throw new Error(
    `There is no group named ${group} in the sandbox's tenant. First deploy the stack that declares it.`,
  );
}

function readStatus(
  sandbox: Sandbox,
  { startedAt, throttling }: Pick<Status, "startedAt" | "throttling">,
): Status {
  const rows = sandbox.azure.store.db
    .prepare("SELECT type, COUNT(*) AS count FROM arm_resources GROUP BY type ORDER BY type")
    .all();
  return {
    pid: process.pid,
    startedAt,
    proxyUrl: sandbox.proxy.url,
    caFile: sandbox.proxy.caFile,
    tenantId: sandbox.azure.tenantId,
    subscriptionId: sandbox.azure.subscriptionId,
    clockOffsetMs: sandbox.clock.offset,
    now: new Date(sandbox.clock.now()).toISOString(),
    throttling,
    resources: Object.fromEntries(rows.map((row) => [row.type as string, row.count as number])),
  };
}

/** Serves the control API on a socket that only its owner can open. */
export async function serveControl(app: Hono, socket: string): Promise<Server> {
  if (process.platform !== "win32") rmSync(socket, { force: true });
  const server = createServer(getRequestListener(app.fetch));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(socket, resolve);
  });
  if (process.platform !== "win32") chmodSync(socket, 0o600);
  return server;
}
