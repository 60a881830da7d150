import { chmodSync, rmSync } from "node:fs";
import { createServer, request, type Server } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { Hono } from "hono";
import { z } from "zod";
import { type Sandbox, sandboxEnvironment } from "../core/sandbox.ts";

const who = z.enum(["deployer", "operator"]);

/** What `sandbox status` shows. */
export interface Status {
  pid: number;
  startedAt: string;
  proxyUrl: string;
  caFile: string;
  subscriptionId: string;
  /** How far the sandbox's clock stands from this machine's, in milliseconds. */
  clockOffsetMs: number;
  /** How many resources of each type are deployed. */
  resources: Record<string, number>;
}

/** The running sandbox's control calls; they are reachable only through its owner's socket. */
export function controlApp(sandbox: Sandbox, stop: () => void): Hono {
  const app = new Hono();
  const startedAt = new Date().toISOString();
  app.onError((error, c) => c.json({ error: error.message }, 400));
  app.get("/status", (c) => c.json(status(sandbox, startedAt)));
  app.post("/env", async (c) => {
    const body = z.object({ as: who }).parse(await c.req.json());
    return c.json(sandboxEnvironment(sandbox, body.as));
  });
  app.post("/member", async (c) => {
    const { group, as } = z.object({ group: z.string(), as: who }).parse(await c.req.json());
    return c.json({ group, member: addMember(sandbox, group, as) });
  });
  app.post("/clock", async (c) => {
    const { moveMs } = z.object({ moveMs: z.number() }).parse(await c.req.json());
    sandbox.clock.move(moveMs);
    return c.json({ now: new Date(sandbox.clock.now()).toISOString() });
  });
  app.post("/lifecycle", async (c) => c.json({ deleted: await sandbox.storage.runLifecycle() }));
  app.post("/stop", (c) => {
    setImmediate(stop);
    return c.json({ stopping: true });
  });
  return app;
}

/** Adds one of the sandbox's people to a group, as an administrator of the tenant would. */
export function addMember(sandbox: Sandbox, group: string, as: keyof Sandbox["people"]): string {
  const found = sandbox.azure.directory.groupNamed(group);
  if (!found)
    throw new Error(
      `There is no group named ${group} in the sandbox's tenant. Deploy the stack that declares it first.`,
    );
  sandbox.azure.directory.addMember(found.objectId, sandbox.people[as].objectId);
  return sandbox.people[as].displayName;
}

function status(sandbox: Sandbox, startedAt: string): Status {
  const rows = sandbox.azure.store.db
    .prepare("SELECT type, COUNT(*) AS count FROM arm_resources GROUP BY type ORDER BY type")
    .all();
  return {
    pid: process.pid,
    startedAt,
    proxyUrl: sandbox.proxy.url,
    caFile: sandbox.proxy.caFile,
    subscriptionId: sandbox.azure.subscriptionId,
    clockOffsetMs: sandbox.clock.offset,
    resources: Object.fromEntries(rows.map((row) => [row.type as string, row.count as number])),
  };
}

/** Serves the control calls on a socket that only its owner can open. */
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

/** The sandbox does not run: nobody answers on its socket. */
export class NotRunning extends Error {}

/** Makes one control call to the running sandbox. */
export function callControl<T>(
  socket: string,
  method: "GET" | "POST",
  path: string,
  body: object = {},
): Promise<T> {
  return new Promise((resolve, reject) => {
    const call = request(
      { socketPath: socket, method, path, headers: { "content-type": "application/json" } },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          const answer = parse(Buffer.concat(chunks).toString());
          if (response.statusCode === 200 && answer) resolve(answer as T);
          else reject(new Error(String(answer?.error ?? `The sandbox answered ${response.statusCode}.`)));
        });
      },
    );
    call.on("error", (error: NodeJS.ErrnoException) => {
      const absent = ["ENOENT", "ECONNREFUSED"].includes(error.code ?? "");
      reject(
        absent ? new NotRunning("The sandbox does not run. Start it with: npm run sandbox -- up") : error,
      );
    });
    call.end(method === "POST" ? JSON.stringify(body) : undefined);
  });
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
