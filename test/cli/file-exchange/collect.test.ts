import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { BlockBlobClient, PageBlobClient } from "@azure/storage-blob";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { blobPipeline } from "../../../cli/azure/blob-pipeline.ts";
import type { Fleet } from "../../../cli/azure/fleet.ts";
import { collectFile } from "../../../cli/file-exchange/collect.ts";
import { requestFile } from "../../../cli/file-exchange/exchange.ts";
import type { Offers } from "../../../cli/file-exchange/offers/offers.ts";
import { type DeployedFleet, deployFleet } from "../fleet-harness.ts";
import { canSeeSyncs, watchSyncs } from "../lib/syncs.ts";
import { ExchangeDesk, failureOf, hashOf } from "./exchange-desk.ts";

const mb = 1024 * 1024;

let fleet: DeployedFleet;
let operator: Fleet;
let desk: ExchangeDesk;

beforeAll(async () => {
  fleet = await deployFleet();
  operator = await fleet.connect();
});
afterAll(() => fleet?.[Symbol.asyncDispose]());
beforeEach(async () => {
  desk = await ExchangeDesk.open(operator);
});
afterEach(async () => {
  fleet.proxy.faults.clear();
  await desk[Symbol.asyncDispose]();
});

/** Delivers a file as the terminal does, with an acknowledgement that can differ from the content. */
async function deliver(content: Buffer, acknowledged: { size?: number; sha256?: string } = {}) {
  const { id, offer } = await requestFile(operator, desk.terminal, "terminal.log", {});
  await new BlockBlobClient(offer.url, blobPipeline(fleet.network)).uploadData(content);
  await desk.acknowledge(id, {
    state: "done",
    sha256: hashOf(content),
    size: content.length,
    ...acknowledged,
  });
  const [status] = await operator.offers.list(desk.terminal);
  expect(status?.state).toBe("done");
  return status!;
}

const collect = (status: Awaited<ReturnType<typeof deliver>>, onBytes?: (bytes: number) => void) =>
  collectFile(operator, desk.terminal, status, desk.folder, { onBytes });

test("collects a delivered file once, under another name when its own is taken, and keeps other offers", async () => {
  const content = randomBytes(9 * mb);
  const status = await deliver(content);
  // New offers do not remove the offer of a delivered file.
  expect(await requestFile(operator, desk.terminal, "other.log", {})).toMatchObject({ isNew: true });
  expect(await requestFile(operator, desk.terminal, "other.log", {})).toMatchObject({ isNew: false });
  writeFileSync(desk.file("terminal.log"), "an older file");
  const path = await collect(status);
  expect(path).toBe(desk.file(`${status.id}-terminal.log`));
  expect(hashOf(readFileSync(path))).toBe(hashOf(content));
  expect((await operator.offers.list(desk.terminal)).map(({ offer }) => offer.name)).toEqual(["other.log"]);
});

test.runIf(canSeeSyncs)("writes the file to disk and syncs it before it removes the offer", async () => {
  const status = await deliver(Buffer.from("log"));
  const syncs = await watchSyncs();
  const offers = {
    remove: async (terminal: string, ids: string[]) => {
      syncs.paths.push("offer removed");
      await operator.offers.remove(terminal, ids);
    },
  } as Offers;
  const exchange = { files: operator.files, offers };
  const path = await collectFile(exchange, desk.terminal, status, desk.folder, {});
  syncs.end();
  expect(path).toBe(desk.file("terminal.log"));
  expect(syncs.paths).toEqual([desk.file(`.${status.id}.partial`), desk.folder, "offer removed"]);
});

test("keeps no file when the content differs from the acknowledged SHA-256", async () => {
  const status = await deliver(Buffer.from("changed"), { sha256: hashOf(Buffer.from("original")) });
  expect((await failureOf(collect(status))).message).toMatch(/differs from what .* reported/);
  expect(readdirSync(desk.folder)).toEqual([]);
});

test("downloads nothing when the blob is larger than the terminal acknowledged", async () => {
  const status = await deliver(randomBytes(20 * mb), { size: 3 });
  let received = 0;
  const error = await failureOf(collect(status, (bytes) => (received += bytes)));
  expect(error.message).toMatch(/differs from what .* reported/);
  expect(error.remedy).toMatch(/--withdraw/);
  expect(received).toBe(0);
  expect(readdirSync(desk.folder)).toEqual([]);
});

test("deletes a collected page blob, which no lifecycle rule deletes", async () => {
  const content = Buffer.alloc(512, 7);
  const { id, offer } = await requestFile(operator, desk.terminal, "terminal.log", {});
  const blob = new PageBlobClient(offer.url, blobPipeline(fleet.network));
  await blob.create(512);
  await blob.uploadPages(content, 0, 512);
  await desk.acknowledge(id, { state: "done", sha256: hashOf(content), size: 512 });
  const [status] = await operator.offers.list(desk.terminal);
  expect(readFileSync(await collect(status!))).toEqual(content);
  expect(await desk.listBlobs()).toEqual([]);
});

test("reports a folder that does not exist and a deleted blob as failures, not as defects", async () => {
  const status = await deliver(Buffer.from("log"));
  const noFolder = collectFile(operator, desk.terminal, status, desk.file("none"), {});
  expect(await failureOf(noFolder)).toMatchObject({ outcome: "failed", message: /none cannot be written/ });
  const container = await operator.files.containerClient(desk.terminal);
  for (const name of await desk.listBlobs()) await container.deleteBlob(name);
  expect(await failureOf(collect(status))).toMatchObject({ outcome: "failed", code: "BlobNotFound" });
});
