import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import {
  createDefaultHttpClient,
  createPipelineFromOptions,
  createPipelineRequest,
} from "@azure/core-rest-pipeline";
import { BlobClient, BlockBlobClient } from "@azure/storage-blob";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { blobPipeline } from "../../../cli/azure/blob-pipeline.ts";
import type { Fleet } from "../../../cli/azure/fleet.ts";
import { connectionPolicy } from "../../../cli/azure/http.ts";
import type { NetworkSettings } from "../../../cli/azure/network.ts";
import { downloadBlob } from "../../../cli/file-exchange/download.ts";
import { type Line, openLine } from "../../support/line.ts";
import { type DeployedFleet, deployFleet } from "../fleet-harness.ts";

const mb = 1024 * 1024;
/** Maximum idle time in these tests, in milliseconds. */
const ms = 1_600;

let fleet: DeployedFleet;
let operator: Fleet;
let line: Line;
/** Through `line`. */
let slow: NetworkSettings;
/** Accepts connections and does not answer. */
let silent: Server;
const accepted = new Set<Socket>();

beforeAll(async () => {
  fleet = await deployFleet();
  operator = await fleet.connect();
  await operator.files.ensureContainer("line-0");
  silent = createServer((socket) => accepted.add(socket.on("error", () => {}))).listen(0, "127.0.0.1");
  await once(silent, "listening");
});
afterAll(async () => {
  for (const socket of accepted) socket.destroy();
  silent?.close();
  await fleet?.[Symbol.asyncDispose]();
});
beforeEach(async () => {
  line = await openLine(fleet.proxy.url);
  slow = { ...fleet.network, proxyUrl: line.proxyUrl };
});
afterEach(async () => {
  fleet.proxy.faults.clear();
  await line[Symbol.asyncDispose]();
});

/** A GET with the pipeline of the Resource Manager and table clients. */
function get(network: NetworkSettings, url: string, maxRetries: number) {
  const pipeline = createPipelineFromOptions({ retryOptions: { maxRetries, retryDelayInMs: 1 } });
  pipeline.addPolicy(connectionPolicy(network, ms), { afterPhase: "Retry" });
  return pipeline.sendRequest(createDefaultHttpClient(), createPipelineRequest({ url }));
}

async function linkOf(name: string, content: Buffer): Promise<string> {
  const blob = (await operator.files.containerClient("line-0")).getBlockBlobClient(name);
  await blob.upload(content, content.length);
  return (await operator.files.createLink("line-0", { name, direction: "download" })).url;
}

test("a request is retried when a service accepts it and does not answer", async () => {
  fleet.proxy.faults.add({ host: fleet.hosts.flowKeys, delayMs: 3_600_000, first: 1 });
  const { status } = await get(fleet.network, `https://${fleet.hosts.flowKeys}/terminalkeys()`, 1);
  expect(status).toBeGreaterThanOrEqual(400);
  const url = await linkOf("asked.bin", Buffer.from("asked"));
  fleet.proxy.faults.add({ host: fleet.hosts.files, delayMs: 3_600_000, first: 2 });
  const blob = new BlobClient(url, blobPipeline(fleet.network, { idleMs: ms }));
  expect((await blob.getProperties()).contentLength).toBe(5);
});

test("a request fails after the last retry when service, proxy or host accept it and do not answer", async () => {
  const { port } = silent.address() as AddressInfo;
  fleet.proxy.faults.add({ host: fleet.hosts.flowKeys, delayMs: 3_600_000 });
  const late = { code: "ETIMEDOUT", message: `no data received for ${ms / 1000} seconds` };
  await expect(get(fleet.network, `https://${fleet.hosts.flowKeys}/`, 1)).rejects.toMatchObject(late);
  const silentProxy = { proxyUrl: `http://127.0.0.1:${port}` };
  await expect(get(silentProxy, "https://example.blob.core.windows.net/", 0)).rejects.toMatchObject({
    code: "ETIMEDOUT",
    message: `the proxy 127.0.0.1:${port} did not answer CONNECT for example.blob.core.windows.net:443 in ${ms / 1000} seconds`,
  });
  await expect(get({}, `https://localhost:${port}/`, 0)).rejects.toMatchObject(late);
});

test("connections are reused, and closed when they are idle during a request", async () => {
  const url = `https://${fleet.hosts.flowKeys}/`;
  for (let n = 0; n < 3; n++) await get(slow, url, 0);
  expect(line.connections).toBe(1);
  fleet.proxy.faults.add({ host: fleet.hosts.flowKeys, delayMs: 3_600_000, first: 1 });
  await get(slow, url, 1);
  expect(line.connections).toBe(2);
});

test("a slow transfer that is never idle is not interrupted", async () => {
  const content = randomBytes(2 * mb);
  const url = await linkOf("slow.bin", content);
  line.pieceMs = ms / 8;
  const from = performance.now();
  const found = await buffer(downloadBlob(new BlobClient(url, blobPipeline(slow, { idleMs: ms }))));
  expect(found.equals(content)).toBe(true);
  expect(performance.now() - from).toBeGreaterThan(ms * 2);
  expect(line.connections).toBe(1);
});

test("a download that is idle continues at the same position on a new connection", async () => {
  const content = randomBytes(5 * mb);
  const url = await linkOf("still.bin", content);
  line.standsStillAfter = 2 * mb;
  const found = await buffer(downloadBlob(new BlobClient(url, blobPipeline(slow, { idleMs: ms }))));
  expect(found.equals(content)).toBe(true);
  expect(line.connections).toBe(3);
});

test("a blob that is replaced during its download is not mixed with the new one", async () => {
  const content = randomBytes(5 * mb);
  const url = await linkOf("mixed.bin", content);
  line.standsStillAfter = 2 * mb;
  const pieces = downloadBlob(new BlobClient(url, blobPipeline(slow, { idleMs: ms })));
  await pieces.next();
  await linkOf("mixed.bin", randomBytes(5 * mb));
  await expect(buffer(pieces)).rejects.toMatchObject({ statusCode: 412 });
});

test("a large upload may wait longer for its answer", async () => {
  fleet.proxy.faults.add({ host: fleet.hosts.files, method: "PUT", delayMs: ms * 2, first: 1 });
  fleet.proxy.faults.add({ host: fleet.hosts.files, method: "PUT", answer: { status: 409 }, skip: 1 });
  const { url } = await operator.files.createLink("line-0", { name: "large.bin", direction: "upload" });
  const blob = new BlockBlobClient(url, blobPipeline(fleet.network, { idleMs: ms }));
  await blob.upload(Buffer.alloc(mb), mb);
});

test("open connections do not delay the end of the process", async () => {
  const [http, network] = ["http.ts", "network.ts"].map((name) =>
    join(import.meta.dirname, "../../../cli/azure", name),
  );
  const script = `
    import { createDefaultHttpClient, createPipelineFromOptions, createPipelineRequest } from "@azure/core-rest-pipeline";
    import { connectionPolicy } from ${JSON.stringify(http)};
    import { networkFromEnvironment } from ${JSON.stringify(network)};
    const get = (network) => {
      const pipeline = createPipelineFromOptions({ retryOptions: { maxRetries: 0 } });
      pipeline.addPolicy(connectionPolicy(network, 3_600_000), { afterPhase: "Retry" });
      const url = "https://${fleet.hosts.files}/?comp=list";
      return pipeline.sendRequest(createDefaultHttpClient(), createPipelineRequest({ url }));
    };
    console.log((await get(networkFromEnvironment())).status);
    await get({ proxyUrl: "http://127.0.0.1:9" }).catch(() => {});
  `;
  const env = { PATH: process.env.PATH ?? "", ...fleet.env };
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
    cwd: join(import.meta.dirname, "../../.."),
    env,
    stdio: ["ignore", "pipe", "inherit"],
    timeout: 240_000,
  });
  expect((await buffer(child.stdout)).toString()).toMatch(/^40\d\n$/);
  const [code] = child.exitCode === null ? await once(child, "exit") : [child.exitCode];
  expect(code).toBe(0);
});
test.each([429, 404])("an answer %s without a body is reported with its status", async (status) => {
  const disarm = fleet.proxy.faults.add({
    host: "management.azure.com",
    path: "*listKeys*",
    answer: { status },
  });
  const read = fleet.connect().then(({ files }) => files.serviceClient());
  await expect(read).rejects.toMatchObject({ name: "OperatorError", code: `HTTP ${status}` });
  disarm();
});
