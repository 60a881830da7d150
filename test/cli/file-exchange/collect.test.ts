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
import { ExchangeDesk, failure, hashOf } from "./exchange-desk.ts";

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

/** A file that the terminal has delivered, and what it says of it. */
async function delivered(content: Buffer, said: { size?: number; sha256?: string } = {}) {
  const { id, offer } = await requestFile(operator, desk.terminal, "terminal.log", {});
  await new BlockBlobClient(offer.url, blobPipeline(fleet.network)).uploadData(content);
  await desk.says(id, { state: "done", sha256: hashOf(content), size: content.length, ...said });
  const [status] = await operator.offers.list(desk.terminal);
  expect(status?.state).toBe("done");
  return status!;
}

const collect = (status: Awaited<ReturnType<typeof delivered>>, onBytes?: (bytes: number) => void) =>
  collectFile(operator, desk.terminal, status, desk.folder, { onBytes });

test("what is delivered is collected once, if it is what the terminal says", async () => {
  const content = randomBytes(9 * mb);
  const status = await delivered(content);
  // Other offers come and go meanwhile; what is delivered stays until it is collected.
  expect(await requestFile(operator, desk.terminal, "other.log", {})).toMatchObject({ isNew: true });
  expect(await requestFile(operator, desk.terminal, "other.log", {})).toMatchObject({ isNew: false });
  writeFileSync(desk.file("terminal.log"), "an older one");
  const path = await collect(status);
  expect(path).toBe(desk.file(`${status.id}-terminal.log`));
  expect(hashOf(readFileSync(path))).toBe(hashOf(content));
  expect((await operator.offers.list(desk.terminal)).map(({ offer }) => offer.name)).toEqual(["other.log"]);
});

test.runIf(canSeeSyncs)("what is collected is on disk before its offer is taken away", async () => {
  const status = await delivered(Buffer.from("log"));
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

test("something else than the terminal says is not kept", async () => {
  const status = await delivered(Buffer.from("changed"), { sha256: hashOf(Buffer.from("as said")) });
  expect((await failure(collect(status))).message).toMatch(/is not what .* says it delivered/);
  expect(readdirSync(desk.folder)).toEqual([]);
});

test("more than the terminal says is not fetched", async () => {
  const status = await delivered(randomBytes(20 * mb), { size: 3 });
  let fetched = 0;
  const error = await failure(collect(status, (bytes) => (fetched += bytes)));
  expect(error.message).toMatch(/is not what .* says it delivered/);
  expect(error.remedy).toMatch(/--withdraw/);
  expect(fetched).toBe(0);
  expect(readdirSync(desk.folder)).toEqual([]);
});

test("a page blob, which no lifecycle rule deletes, is deleted when it is collected", async () => {
  const content = Buffer.alloc(512, 7);
  const { id, offer } = await requestFile(operator, desk.terminal, "terminal.log", {});
  const blob = new PageBlobClient(offer.url, blobPipeline(fleet.network));
  await blob.create(512);
  await blob.uploadPages(content, 0, 512);
  await desk.says(id, { state: "done", sha256: hashOf(content), size: 512 });
  const [status] = await operator.offers.list(desk.terminal);
  expect(readFileSync(await collect(status!))).toEqual(content);
  expect(await desk.blobs()).toEqual([]);
});

test("a folder that cannot be written and a blob that is gone are told, and are no defect", async () => {
  const status = await delivered(Buffer.from("log"));
  const nowhere = collectFile(operator, desk.terminal, status, desk.file("none"), {});
  expect(await failure(nowhere)).toMatchObject({ outcome: "failed", message: /none cannot be written/ });
  const container = await operator.files.containerClient(desk.terminal);
  for (const name of await desk.blobs()) await container.deleteBlob(name);
  expect(await failure(collect(status))).toMatchObject({ outcome: "failed", code: "BlobNotFound" });
});
