import { randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { BlobClient, BlockBlobClient } from "@azure/storage-blob";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { blobPipeline } from "../../../cli/azure/blob-pipeline.ts";
import type { Fleet } from "../../../cli/azure/fleet.ts";
import { requestFile, sendFile, withdrawOffer } from "../../../cli/file-exchange/exchange.ts";
import type { OperatorError } from "../../../cli/lib/errors.ts";
import { revoke } from "../../../cli/lifecycle/revoke.ts";
import { type DeployedFleet, deployFleet } from "../fleet-harness.ts";
import { ExchangeDesk, failure, hashOf } from "./exchange-desk.ts";

const mb = 1024 * 1024;

let fleet: DeployedFleet;
let operator: Fleet;
let desk: ExchangeDesk;
let terminal: string;
const fileOf = (content: Buffer | string, name?: string) => desk.fileOf(content, name);

beforeAll(async () => {
  fleet = await deployFleet();
  operator = await fleet.connect();
});
afterAll(() => fleet?.[Symbol.asyncDispose]());
beforeEach(async () => {
  desk = await ExchangeDesk.open(operator);
  terminal = desk.terminal;
});
afterEach(async () => {
  fleet.proxy.faults.clear();
  await desk[Symbol.asyncDispose]();
});

describe("sending", () => {
  test.each([0, 1, 8 * mb - 1, 8 * mb, 20 * mb])("%d bytes arrive as they were offered", async (size) => {
    const content = randomBytes(size);
    const seen = { digest: 0, upload: 0 };
    const { id, offer, isNew } = await sendFile(operator, terminal, fileOf(content), {
      onDigest: (bytes) => (seen.digest += bytes),
      onUpload: (bytes) => (seen.upload += bytes),
    });
    expect(isNew).toBe(true);
    expect(seen).toEqual({ digest: size, upload: size });
    expect(offer).toMatchObject({
      direction: "download",
      name: "employees.csv",
      size,
      sha256: hashOf(content),
    });
    expect(hashOf(await new BlobClient(offer.url, blobPipeline(fleet.network)).downloadToBuffer())).toBe(
      hashOf(content),
    );
    expect(await operator.offers.list(terminal)).toEqual([
      { id, offer, state: "waiting", acknowledgement: undefined },
    ]);
  });

  test("the same again, while it waits, changes nothing; another content is another offer", async () => {
    const path = fileOf("one");
    const first = await sendFile(operator, terminal, path, {});
    const again = await sendFile(operator, terminal, path, {});
    expect(again).toMatchObject({ id: first.id, isNew: false });
    const other = await sendFile(operator, terminal, fileOf("two"), {});
    expect(await operator.offers.list(terminal)).toHaveLength(2);
    // The first offer's file is still the first one's.
    expect(
      (await new BlobClient(first.offer.url, blobPipeline(fleet.network)).downloadToBuffer()).toString(),
    ).toBe("one");
    expect(
      (await new BlobClient(other.offer.url, blobPipeline(fleet.network)).downloadToBuffer()).toString(),
    ).toBe("two");
  });

  test("an offer whose key was ended before its time is replaced", async () => {
    const path = fileOf("one");
    const first = await sendFile(operator, terminal, path, {});
    await operator.files.removePolicy(terminal);
    await operator.files.ensureContainer(terminal);
    // Another policy is no more than another name: what was bound to the first one stays dead.
    const again = await sendFile(operator, terminal, path, {});
    expect(again.isNew).toBe(true);
    expect(again.id).not.toBe(first.id);
    expect(await sendFile(operator, terminal, path, {})).toMatchObject({ id: again.id, isNew: false });
    fleet.storage.accountKeys.regenerate(operator.outputs.filesAccountResourceId, "key1");
    fleet.storage.accountKeys.regenerate(operator.outputs.filesAccountResourceId, "key2");
    const other = await fleet.connect();
    const second = await sendFile(other, terminal, path, {});
    expect(second.isNew).toBe(true);
    expect((await other.offers.list(terminal)).map(({ id }) => id)).toEqual([second.id]);
    expect(
      (await new BlobClient(second.offer.url, blobPipeline(fleet.network)).downloadToBuffer()).toString(),
    ).toBe("one");
    operator = other;
  });

  test("an interrupted upload continues: what is there is not sent again", async () => {
    const content = randomBytes(44 * mb);
    const path = fileOf(content);
    const interruption = new AbortController();
    const error = await failure(
      sendFile(operator, terminal, path, {
        signal: interruption.signal,
        onUpload: () => interruption.abort(),
      }),
    );
    expect(error.outcome).toBe("interrupted");
    expect(await operator.offers.list(terminal)).toEqual([]);
    const [begun = ""] = await desk.blobs();
    const container = await operator.files.containerClient(terminal);
    const { uncommittedBlocks } = await container.getBlockBlobClient(begun).getBlockList("uncommitted");
    const there = uncommittedBlocks?.length ?? 0;
    expect(there).toBeGreaterThan(0);
    // Any block more than what is missing is refused for good.
    const blocks = "*comp=block&blockid=*";
    fleet.proxy.faults.add({ method: "PUT", path: blocks, skip: 6 - there, answer: { status: 409 } });
    const { offer } = await sendFile(operator, terminal, path, {});
    expect(await desk.blobs()).toEqual([begun]);
    expect(hashOf(await new BlobClient(offer.url, blobPipeline(fleet.network)).downloadToBuffer())).toBe(
      hashOf(content),
    );
  });

  test("a file that changes under the upload is not offered", async () => {
    const path = fileOf(randomBytes(9 * mb));
    const error = await failure(
      sendFile(operator, terminal, path, { onDigest: () => writeFileSync(path, randomBytes(9 * mb)) }),
    );
    expect(error.message).toMatch(/was changed while it was sent/);
    expect(await operator.offers.list(terminal)).toEqual([]);
  });

  test("a dropped connection, before and after the change was made, makes one offer", async () => {
    for (const drop of ["before", "after"] as const) {
      fleet.proxy.faults.add({ host: "*.azure-devices.net", method: "PATCH", drop, first: 1 });
      await sendFile(operator, terminal, fileOf(drop), {});
    }
    expect(await operator.offers.list(terminal)).toHaveLength(2);
  });

  test("two operators at once undo nothing of each other", async () => {
    const other = await fleet.connect();
    const names = Array.from({ length: 12 }, (_, number) => `file-${number}.txt`);
    await Promise.all(
      names.map((name, number) => sendFile(number % 2 ? operator : other, terminal, fileOf(name, name), {})),
    );
    const offered = (await operator.offers.list(terminal)).map(({ offer }) => offer.name);
    expect(offered.toSorted()).toEqual(names.toSorted());
  });

  test("a full twin is told, with what fills it; what is over makes room", async () => {
    let error: OperatorError | undefined;
    const sent: string[] = [];
    for (let number = 0; number < 100 && !error; number++) {
      try {
        const { id } = await requestFile(operator, terminal, `log-${number}.txt`, {});
        sent.push(id);
      } catch (thrown) {
        error = thrown as OperatorError;
      }
    }
    expect(sent.length).toBeGreaterThan(40);
    expect(error?.message).toMatch(/is full[\s\S]*log-0\.txt {2}waits until [\s\S]*and \d+ more/);
    expect(error?.message).not.toMatch(/sig=/);
    expect(error?.remedy).toMatch(/--collect[\s\S]*--withdraw/);
    // It is told before a file is on its way.
    const late = await failure(sendFile(operator, terminal, fileOf("late"), {}));
    expect(late.message).toBe(error?.message);
    expect(await desk.blobs()).toEqual([]);
    await desk.says(sent[3] as string, { state: "failed", reason: "unknownName" });
    const { removed } = await requestFile(operator, terminal, "last.txt", {});
    expect(removed.map(({ id }) => id)).toEqual([sent[3]]);
  });

  test("to a revoked or unknown terminal is refused", async () => {
    await revoke(terminal, operator, { reason: "test" });
    expect((await failure(sendFile(operator, terminal, fileOf("one"), {}))).message).toMatch(/is revoked/);
    expect((await failure(sendFile(operator, "nobody", fileOf("one"), {}))).message).toMatch(/not onboarded/);
    expect((await failure(operator.offers.list("nobody"))).message).toMatch(/no terminal nobody/);
  });
});

test("what is withdrawn opens nothing any more", async () => {
  const { offer } = await sendFile(operator, terminal, fileOf("one"), {});
  const [status] = await operator.offers.list(terminal);
  await withdrawOffer(operator, terminal, status!);
  expect(await operator.offers.list(terminal)).toEqual([]);
  await expect(
    new BlobClient(offer.url, blobPipeline(fleet.network)).downloadToBuffer(),
  ).rejects.toMatchObject({ statusCode: 404 });
  // Nor when the same is sent again: its file lies elsewhere.
  const again = await sendFile(operator, terminal, desk.fileOf("one"), {});
  expect(again.isNew).toBe(true);
  expect(
    (await new BlobClient(again.offer.url, blobPipeline(fleet.network)).downloadToBuffer()).toString(),
  ).toBe("one");
  await expect(
    new BlobClient(offer.url, blobPipeline(fleet.network)).downloadToBuffer(),
  ).rejects.toMatchObject({ statusCode: 404 });
});

test("what a terminal has a lease on is withdrawn too", async () => {
  const { offer } = await requestFile(operator, terminal, "terminal.log", {});
  const blob = new BlockBlobClient(offer.url, blobPipeline(fleet.network));
  await blob.upload("log", 3);
  await blob.getBlobLeaseClient().acquireLease(-1);
  const [status] = await operator.offers.list(terminal);
  await withdrawOffer(operator, terminal, status!);
  expect(await desk.blobs()).toEqual([]);
});

describe("two operators who do the same at once", () => {
  let other: Fleet;
  beforeAll(async () => {
    other = await fleet.connect();
  });

  test.each([3, 20 * mb])("make one offer of one file of %d bytes", async (size) => {
    const path = fileOf(randomBytes(size));
    const both = await Promise.all([operator, other].map((one) => sendFile(one, terminal, path, {})));
    expect(both.map(({ isNew }) => isNew).toSorted()).toEqual([false, true]);
    expect(new Set(both.map(({ id }) => id)).size).toBe(1);
    expect(await operator.offers.list(terminal)).toHaveLength(1);
    expect(await desk.blobs()).toHaveLength(1);
    expect(await new BlobClient(both[0]!.offer.url, blobPipeline(fleet.network)).exists()).toBe(true);
  });

  test("ask for a file once", async () => {
    const both = await Promise.all(
      [operator, other].map((one) => requestFile(one, terminal, "terminal.log", {})),
    );
    expect(both.map(({ isNew }) => isNew).toSorted()).toEqual([false, true]);
    expect(await operator.offers.list(terminal)).toHaveLength(1);
  });
});

test("what cannot be sent or collected is told, and is no defect", async () => {
  const folder = desk.file("folder");
  mkdirSync(folder);
  expect((await failure(sendFile(operator, terminal, folder, {}))).message).toMatch(/folder cannot be read/);
  const answer = { status: 409, headers: { "x-ms-error-code": "BlobImmutableDueToPolicy" } };
  fleet.proxy.faults.add({ host: fleet.hosts.files, path: "*comp=list*", answer });
  const refused = await failure(sendFile(operator, terminal, fileOf("one"), {}));
  expect(refused).toMatchObject({ outcome: "failed", code: "BlobImmutableDueToPolicy" });
  fleet.proxy.faults.clear();
  const interruption = AbortSignal.abort();
  const stopped = await failure(sendFile(operator, terminal, fileOf("one"), { signal: interruption }));
  expect(stopped.outcome).toBe("interrupted");
});
