import { once } from "node:events";
import { type AddressInfo, createServer, type Server } from "node:net";
import { afterEach, expect, test } from "vitest";
import { bindStablePort } from "../../../sandbox/core/stable-port.ts";

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function listen(port: number): Promise<number> {
  const server = createServer().listen(port, "127.0.0.1");
  await once(server, "listening");
  servers.push(server);
  return (server.address() as AddressInfo).port;
}

/** Fails with this code at the first calls, and then returns the port. */
function failing(code: string, times: number) {
  const ports: number[] = [];
  const bind = async (port: number) => {
    ports.push(port);
    if (ports.length <= times) throw Object.assign(new Error(code), { code });
    return port;
  };
  return { ports, bind };
}

test("chooses a port below the ports that the system gives to others", async () => {
  const port = await bindStablePort(undefined, listen);
  expect(port).toBeGreaterThanOrEqual(20_000);
  expect(port).toBeLessThan(32_768);
});

test("binds the preferred port when it is free", async () => {
  const port = await bindStablePort(undefined, listen);
  servers.pop()!.close();
  expect(await bindStablePort(port, listen)).toBe(port);
});

test("binds another port when the preferred one is in use", async () => {
  const used = await listen(0);
  const port = await bindStablePort(used, listen);
  expect(port).not.toBe(used);
  expect(port).toBeLessThan(32_768);
});

test("tries other ports when the system has reserved one", async () => {
  const { ports, bind } = failing("EACCES", 2);
  expect(await bindStablePort(443, bind)).toBe(ports[2]);
  expect(ports[0]).toBe(443);
});

test("rejects with any other error at once, and with an unavailable port after 50 attempts", async () => {
  const other = failing("EPERM", 1);
  await expect(bindStablePort(1, other.bind)).rejects.toThrow("EPERM");
  expect(other.ports).toEqual([1]);
  const never = failing("EADDRINUSE", Number.POSITIVE_INFINITY);
  await expect(bindStablePort(1, never.bind)).rejects.toThrow("EADDRINUSE");
  expect(never.ports).toHaveLength(50);
});
