import { randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { BlobClient, BlockBlobClient } from "@azure/storage-blob";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { blobPipeline } from "../../../cli/azure/blob-pipeline.ts";
import type { Fleet } from "../../../cli/azure/fleet.ts";
import { requestFile, sendFile, withdrawOffer } from "../../../cli/file-exchange/exchange.ts";
import type { OperatorError } from "../../../cli/lib/operator-error.ts";
import { revoke } from "../../../cli/lifecycle/revoke.ts";
import { type DeployedFleet, deployFleet } from "../fleet-harness.ts";
import { ExchangeDesk, failureOf, hashOf } from "./exchange-desk.ts";

const mb = 1024 * 1024;

let fleet: DeployedFleet;
let operator: Fleet;
let desk: ExchangeDesk;
let terminal: string;
const writeFile = (content: Buffer | string, name?: string) => desk.writeFile(content, name);
const download = ({ url }: { url: string }) =>
  new BlobClient(url, blobPipeline(fleet.network)).downloadToBuffer();

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

describe("sendFile", () => {
  test.each([0, 1, 8 * mb - 1, 8 * mb, 20 * mb])(
    "offers a file of %d bytes that the terminal can download",
    async (size) => {
      const content = randomBytes(size);
      const progress = { digest: 0, upload: 0 };
      const { id, offer, isNew } = await sendFile(operator, terminal, writeFile(content), {
        onDigest: (bytes) => (progress.digest += bytes),
        onUpload: (bytes) => (progress.upload += bytes),
      });
      expect(isNew).toBe(true);
      expect(progress).toEqual({ digest: size, upload: size });
      expect(offer).toMatchObject({
        direction: "download",
        name: "employees.csv",
        size,
        sha256: hashOf(content),
      });
      expect(hashOf(await download(offer))).toBe(hashOf(content));
      expect(await operator.offers.list(terminal)).toEqual([
        { id, offer, state: "waiting", acknowledgement: undefined },
      ]);
    },
  );

  test("adds no second offer for the same content, but one for another content under the same name", async () => {
    const path = writeFile("one");
    const first = await sendFile(operator, terminal, path, {});
    const again = await sendFile(operator, terminal, path, {});
    expect(again).toMatchObject({ id: first.id, isNew: false });
    const other = await sendFile(operator, terminal, writeFile("two"), {});
    expect(await operator.offers.list(terminal)).toHaveLength(2);
    // The second upload did not overwrite the first one.
    expect((await download(first.offer)).toString()).toBe("one");
    expect((await download(other.offer)).toString()).toBe("two");
  });

  test("replaces an offer whose link was invalidated by a removed policy or a rotated signing key", async () => {
    const path = writeFile("one");
    const first = await sendFile(operator, terminal, path, {});
    await operator.files.removePolicy(terminal);
    await operator.files.ensureContainer(terminal);
    // A new policy has a new ID, so links of the old policy stay invalid.
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
    expect((await download(second.offer)).toString()).toBe("one");
    operator = other;
  });

  test("continues an interrupted upload without sending the uploaded blocks again", async () => {
    const content = randomBytes(44 * mb);
    const path = writeFile(content);
    const interruption = new AbortController();
    const error = await failureOf(
      sendFile(operator, terminal, path, {
        signal: interruption.signal,
        onUpload: () => interruption.abort(),
      }),
    );
    expect(error.outcome).toBe("interrupted");
    expect(await operator.offers.list(terminal)).toEqual([]);
    const [interrupted = ""] = await desk.listBlobs();
    const container = await operator.files.containerClient(terminal);
    const { uncommittedBlocks } = await container.getBlockBlobClient(interrupted).getBlockList("uncommitted");
    const uploaded = uncommittedBlocks?.length ?? 0;
    expect(uploaded).toBeGreaterThan(0);
    // The fault rejects every block after the missing ones.
    const blocks = "*comp=block&blockid=*";
    fleet.proxy.faults.add({ method: "PUT", path: blocks, skip: 6 - uploaded, answer: { status: 409 } });
    const { offer } = await sendFile(operator, terminal, path, {});
    expect(await desk.listBlobs()).toEqual([interrupted]);
    expect(hashOf(await download(offer))).toBe(hashOf(content));
  });

  test("offers nothing when the file changes during the upload", async () => {
    const path = writeFile(randomBytes(9 * mb));
    const error = await failureOf(
      sendFile(operator, terminal, path, { onDigest: () => writeFileSync(path, randomBytes(9 * mb)) }),
    );
    expect(error.message).toMatch(/was changed during the upload/);
    expect(await operator.offers.list(terminal)).toEqual([]);
  });

  test("adds one offer when the connection drops before or after the twin is modified", async () => {
    for (const drop of ["before", "after"] as const) {
      fleet.proxy.faults.add({ host: "*.azure-devices.net", method: "PATCH", drop, first: 1 });
      await sendFile(operator, terminal, writeFile(drop), {});
    }
    expect(await operator.offers.list(terminal)).toHaveLength(2);
  });

  test("keeps the offers of two operators who send different files at once", async () => {
    const other = await fleet.connect();
    const names = Array.from({ length: 12 }, (_, number) => `file-${number}.txt`);
    await Promise.all(
      names.map((name, number) =>
        sendFile(number % 2 ? operator : other, terminal, writeFile(name, name), {}),
      ),
    );
    const offered = (await operator.offers.list(terminal)).map(({ offer }) => offer.name);
    expect(offered.toSorted()).toEqual(names.toSorted());
  });

  test("fails for a full twin with a list of its offers, and removes finished offers to make room", async () => {
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
    // A full twin is reported before the upload.
    const late = await failureOf(sendFile(operator, terminal, writeFile("late"), {}));
    expect(late.message).toBe(error?.message);
    expect(await desk.listBlobs()).toEqual([]);
    await desk.acknowledge(sent[3] as string, { state: "failed", reason: "unknownName" });
    const { removed } = await requestFile(operator, terminal, "last.txt", {});
    expect(removed.map(({ id }) => id)).toEqual([sent[3]]);
  });

  test("fails for a revoked or unknown terminal and names the reason", async () => {
    await revoke(terminal, operator, { reason: "stolen" });
    expect((await failureOf(sendFile(operator, terminal, writeFile("one"), {}))).message).toMatch(
      /is revoked \(stolen\)/,
    );
    expect((await failureOf(sendFile(operator, "nobody", writeFile("one"), {}))).message).toMatch(
      /nobody is not onboarded/,
    );
    expect((await failureOf(operator.offers.list("nobody"))).message).toMatch(/nobody is not onboarded/);
  });
});

test("withdrawOffer deletes the blob, and its link stays useless when the same file is sent again", async () => {
  const { offer } = await sendFile(operator, terminal, writeFile("one"), {});
  const [status] = await operator.offers.list(terminal);
  await withdrawOffer(operator, terminal, status!);
  expect(await operator.offers.list(terminal)).toEqual([]);
  await expect(download(offer)).rejects.toMatchObject({ statusCode: 404 });
  // The second upload has another blob name.
  const again = await sendFile(operator, terminal, writeFile("one"), {});
  expect(again.isNew).toBe(true);
  expect((await download(again.offer)).toString()).toBe("one");
  await expect(download(offer)).rejects.toMatchObject({ statusCode: 404 });
});

test("withdrawOffer deletes a blob on which the terminal holds a lease", async () => {
  const { offer } = await requestFile(operator, terminal, "terminal.log", {});
  const blob = new BlockBlobClient(offer.url, blobPipeline(fleet.network));
  await blob.upload("log", 3);
  await blob.getBlobLeaseClient().acquireLease(-1);
  const [status] = await operator.offers.list(terminal);
  await withdrawOffer(operator, terminal, status!);
  expect(await desk.listBlobs()).toEqual([]);
});

describe("two operators at once", () => {
  let other: Fleet;
  beforeAll(async () => {
    other = await fleet.connect();
  });

  test.each([3, 20 * mb])(
    "add one offer and one blob when they send the same file of %d bytes",
    async (size) => {
      const path = writeFile(randomBytes(size));
      const both = await Promise.all([operator, other].map((one) => sendFile(one, terminal, path, {})));
      expect(both.map(({ isNew }) => isNew).toSorted()).toEqual([false, true]);
      expect(new Set(both.map(({ id }) => id)).size).toBe(1);
      expect(await operator.offers.list(terminal)).toHaveLength(1);
      expect(await desk.listBlobs()).toHaveLength(1);
      expect(await new BlobClient(both[0]!.offer.url, blobPipeline(fleet.network)).exists()).toBe(true);
    },
  );

  test("add one offer when they request the same file", async () => {
    const both = await Promise.all(
      [operator, other].map((one) => requestFile(one, terminal, "terminal.log", {})),
    );
    expect(both.map(({ isNew }) => isNew).toSorted()).toEqual([false, true]);
    expect(await operator.offers.list(terminal)).toHaveLength(1);
  });
});

test("reports a folder, a rejected request and an interruption as such, not as a defect", async () => {
  const folder = desk.file("folder");
  mkdirSync(folder);
  expect((await failureOf(sendFile(operator, terminal, folder, {}))).message).toMatch(
    /folder cannot be read/,
  );
  const answer = { status: 409, headers: { "x-ms-error-code": "BlobImmutableDueToPolicy" } };
  fleet.proxy.faults.add({ host: fleet.hosts.files, path: "*comp=list*", answer });
  const rejected = await failureOf(sendFile(operator, terminal, writeFile("one"), {}));
  expect(rejected).toMatchObject({ outcome: "failed", code: "BlobImmutableDueToPolicy" });
  fleet.proxy.faults.clear();
  const interruption = AbortSignal.abort();
  const stopped = await failureOf(sendFile(operator, terminal, writeFile("one"), { signal: interruption }));
  expect(stopped.outcome).toBe("interrupted");
});
