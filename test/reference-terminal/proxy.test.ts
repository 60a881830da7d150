import { type AddressInfo, connect, createServer, type Server } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type DeployedFleet, deployFleet } from "../cli/fleet-harness.ts";
import { batchOf, Desk } from "../cli/onboarding/onboarding-desk.ts";
import { temporaryFolder } from "../support/folder.ts";

let fleet: DeployedFleet;
let relay: Server;
/** Connections that were made to the proxy. */
let connections = 0;

beforeAll(async () => {
  fleet = await deployFleet();
  const { hostname, port } = new URL(fleet.proxy.url);
  relay = createServer((socket) => {
    connections++;
    const onward = connect(Number(port), hostname);
    for (const end of [socket, onward]) end.on("error", () => {});
    socket.pipe(onward).pipe(socket);
    socket.on("close", () => onward.destroy());
    onward.on("close", () => socket.destroy());
  });
  await new Promise<void>((resolve) => relay.listen(0, "127.0.0.1", resolve));
});
afterAll(async () => {
  relay?.close();
  await fleet?.[Symbol.asyncDispose]();
});

test("onboarding 200 terminals sends everything through HTTPS_PROXY, on fewer than 80 connections", async () => {
  await using folder = await temporaryFolder();
  const desk = await Desk.at(fleet, folder.path, batchOf("proxied", 200));
  const httpsProxy = `http://127.0.0.1:${(relay.address() as AddressInfo).port}`;
  const { code, stderr } = await desk.onboard([], { env: { ...fleet.env, HTTPS_PROXY: httpsProxy } });
  expect(code, stderr).toBe(0);
  // 200 terminals take more than 400 requests.
  expect(connections).toBeGreaterThan(3);
  expect(connections).toBeLessThan(80);
});

test("onboarding through a proxy that is down fails with exit code 4, and names HTTPS_PROXY", async () => {
  await using folder = await temporaryFolder();
  const desk = await Desk.at(fleet, folder.path, batchOf("direct", 1));
  const { AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_CLIENT_SECRET } = fleet.env as Record<string, string>;
  // No process listens on port 9, as if the proxy were down.
  const env = { AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_CLIENT_SECRET, HTTPS_PROXY: "http://127.0.0.1:9" };
  const { code, stderr } = await desk.onboard([], { env: env as Record<string, string> });
  expect(code).toBe(4);
  expect(stderr).toContain("HTTPS_PROXY");
  expect(stderr).not.toMatch(/\n\s+at /);
});
