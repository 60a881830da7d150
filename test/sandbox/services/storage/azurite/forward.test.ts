import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { Forwarder } from "../../../../../sandbox/services/storage/azurite/forward.ts";

/* Azurite closes the connection in the middle of its response: only the client's connection closes too. */

const servers: Server[] = [];
const forwarder = new Forwarder();
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

async function listen(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

/** Forwards a request to a server that announces a hundred bytes and closes the connection after four. */
async function forward(onResponse: Parameters<Forwarder["forward"]>[3]): Promise<number | undefined> {
  const port = await listen(
    createServer((_req, res) => {
      res.writeHead(403, { "content-length": 100 });
      res.write("some", () => res.destroy());
    }),
  );
  const options = {
    port,
    host: "example.blob.core.windows.net",
    target: "/c/b",
    tls: true,
    operation: undefined,
    pass: undefined,
    portPass: "port",
    body: undefined,
    responseHeaders: {},
    now: new Date(),
  };
  const clientPort = await listen(
    createServer((req, res) => forwarder.forward(req, res, options, onResponse)),
  );
  return new Promise((resolve) => {
    const req = request({ host: "127.0.0.1", port: clientPort }, (res) => {
      res.resume();
      res.on("error", () => resolve(undefined));
      res.on("end", () => resolve(res.statusCode));
    });
    req.on("error", () => resolve(undefined));
    req.end();
  });
}

test("closes the connection when a forwarded response breaks off", async () => {
  expect(await forward(() => undefined)).toBeUndefined();
});

test("closes the connection when a response that is being replaced breaks off", async () => {
  const replaced = forward(async (response) => {
    for await (const _ of response);
  });
  expect(await replaced).toBeUndefined();
});

test("closes the connection when the response handler throws", async () => {
  const failed = forward(() => {
    throw new Error("on purpose");
  });
  expect(await failed).toBeUndefined();
});
