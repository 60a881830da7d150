import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { Forwarder } from "../../../../sandbox/services/storage/azurite/forward.ts";

/* A storage service that breaks in the middle of its answer: its caller's connection ends, and nothing else. */

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

/** Asks through the forwarder a service that promises a hundred bytes and dies after a few. */
async function ask(answered: Parameters<Forwarder["forward"]>[3]): Promise<number | undefined> {
  const port = await listen(
    createServer((_req, res) => {
      res.writeHead(403, { "content-length": 100 });
      res.write("some", () => res.destroy());
    }),
  );
  const how = {
    port,
    host: "example.blob.core.windows.net",
    target: "/c/b",
    tls: true,
    operation: undefined,
    pass: undefined,
    body: undefined,
    said: {},
    now: new Date(),
  };
  const proxy = await listen(createServer((req, res) => forwarder.forward(req, res, how, answered)));
  return new Promise((resolve) => {
    const req = request({ host: "127.0.0.1", port: proxy }, (res) => {
      res.resume();
      res.on("error", () => resolve(undefined));
      res.on("end", () => resolve(res.statusCode));
    });
    req.on("error", () => resolve(undefined));
    req.end();
  });
}

test("ends the connection when an answer that is passed on breaks", async () => {
  expect(await ask(() => undefined)).toBeUndefined();
});

test("ends the connection when an answer that was taken over breaks", async () => {
  const taken = ask(async (answer) => {
    for await (const _ of answer);
  });
  expect(await taken).toBeUndefined();
});

test("ends the connection when whoever is told of the answer fails", async () => {
  const failed = ask(() => {
    throw new Error("on purpose");
  });
  expect(await failed).toBeUndefined();
});
