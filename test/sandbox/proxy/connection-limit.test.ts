import { once } from "node:events";
import { type AddressInfo, createServer, connect as openSocket, type Socket } from "node:net";
import { expect, test } from "vitest";
import { readOpenFilesLimit } from "../../../sandbox/core/open-files.ts";
import { limitConnections } from "../../../sandbox/proxy/connection-limit.ts";
import { requireOpenFiles } from "../../../tools/bench/scale/open-files.ts";

test("a server close to the limit of open files closes new connections, keeps the open ones, and logs the remedy once", async () => {
  const log: string[] = [];
  const server = createServer((socket) => socket.pipe(socket));
  limitConnections(server, (line) => log.push(line), 4);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const connect = async (): Promise<Socket> => {
    const socket = openSocket(port, "127.0.0.1").on("error", () => {});
    await once(socket, "connect");
    return socket;
  };
  const open = [await connect(), await connect()];
  for (let more = 0; more < 3; more++) await once((await connect()).resume(), "close");
  for (const socket of open) {
    socket.write("ping");
    expect(String((await once(socket, "data"))[0])).toBe("ping");
    socket.destroy();
  }
  server.close();
  expect(log).toEqual([
    "Closed a new connection, because 2 are open and this process may have 4 files open. " +
      "Raise the limit in the shell that starts the sandbox: ulimit -n 16",
  ]);
});

test("the bench names the limit of open files, the remedy and the number of terminals that fit", () => {
  expect(() => requireOpenFiles(10_000, 20_000)).not.toThrow();
  expect(() => requireOpenFiles(10_000, Number.POSITIVE_INFINITY)).not.toThrow();
  expect(() => requireOpenFiles(10_000, 4096)).toThrow(
    "10000 connections need 10500 open files in one process, and this shell allows 4096. Raise the limit: " +
      "ulimit -n 10500 (above the hard limit as root, or in /etc/security/limits.conf), or measure fewer terminals: " +
      "BENCH_CONNECTED=3596",
  );
  expect(readOpenFilesLimit()).toBeGreaterThan(100);
});
