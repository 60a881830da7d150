import { request } from "node:http";
import { text } from "node:stream/consumers";
import {
  BlobClient,
  BlobSASPermissions,
  BlockBlobClient,
  generateBlobSASQueryParameters,
  SASProtocol,
  StorageSharedKeyCredential,
} from "@azure/storage-blob";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { blobPipeline } from "../../../cli/azure/blob-pipeline.ts";
import type { Fleet } from "../../../cli/azure/fleet.ts";
import { FilesAccount } from "../../../cli/file-exchange/files-account.ts";
import type { Direction } from "../../../cli/file-exchange/offers/offer.ts";
import type { Clock } from "../../../cli/lib/clock.ts";
import { rotateBothKeys, rotateSigningKey } from "../../../cli/signing-keys/rotate-signing-key.ts";
import { keyCacheMs, signingKeySchedule } from "../../../cli/signing-keys/signing-key-schedule.ts";
import { type DeployedFleet, deployFleet } from "../fleet-harness.ts";

const minute = 60_000;
const day = 24 * 60 * minute;
/** A file link is valid from this long before its creation. */
const backDatedMs = 15 * minute;

let fleet: DeployedFleet;
let operator: Fleet;
/** The operator's files account, with the sandbox's clock. */
let files: FilesAccount;

beforeAll(async () => {
  fleet = await deployFleet();
  await move(0);
  for (const terminal of ["links-1", "links-2"]) {
    await files.ensureContainer(terminal);
    const container = await files.containerClient(terminal);
    for (const name of ["one.txt", "two.txt"])
      await container.getBlockBlobClient(name).upload(name, name.length);
  }
});
afterAll(() => fleet?.[Symbol.asyncDispose]());
afterEach(() => move(-fleet.clock.offset));

/** Moves the clock, and signs in again because the token may have expired. */
async function move(ms: number): Promise<void> {
  fleet.clock.move(ms);
  operator = await fleet.connect();
  const clock: Clock = { now: () => fleet.clock.now(), sleep: async () => {} };
  files = new FilesAccount(operator.files.keys, operator.outputs.filesBlobEndpoint, fleet.network, clock);
}

const link = async (direction: Direction = "download", terminal = "links-1", name = "one.txt") =>
  (await files.createLink(terminal, { name, direction })).url;

/** Downloads a blob once; returns its content, or the error code of Azure Storage. */
async function download(url: string): Promise<string> {
  try {
    const blob = new BlobClient(url, blobPipeline(fleet.network, { retries: { maxTries: 1 } }));
    return await text((await blob.download()).readableStreamBody!);
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
}

/** Uploads to a blob once; returns "written", or the error code of Azure Storage. */
async function upload(url: string): Promise<string> {
  try {
    await new BlockBlobClient(url, blobPipeline(fleet.network, { retries: { maxTries: 1 } })).upload(
      "new",
      3,
    );
    return "written";
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
}

test("a file link is valid for 30 days from its start and not longer", async () => {
  const url = await link();
  expect(await download(url)).toBe("one.txt");
  // 30 seconds of tolerance: the clock advances while the test runs.
  await move(30 * day - backDatedMs - 30_000);
  expect(await download(url)).toBe("one.txt");
  await move(31_000);
  expect(await download(url)).toBe("AuthenticationFailed");
});

test("a file link is not valid before its start", async () => {
  const url = await link();
  await move(-backDatedMs + 5_000);
  expect(await download(url)).toBe("one.txt");
  await move(-35_000);
  expect(await download(url)).toBe("AuthenticationFailed");
});

test("a file link is rejected over http", async () => {
  const url = new URL(await link());
  const proxy = new URL(fleet.proxy.url);
  const plain = url.href.replace("https:", "http:");
  const status = await new Promise<string | undefined>((resolve, reject) => {
    const call = request(
      { host: proxy.hostname, port: proxy.port, path: plain, headers: { host: url.host } },
      (res) => {
        res.resume();
        resolve(`${res.statusCode} ${res.headers["x-ms-error-code"]}`);
      },
    );
    call.on("error", reject).end();
  });
  expect(status).toMatch(/^40[03] (AccountRequiresHttps|AuthorizationProtocolMismatch)$/);
});

test("a file link is for one blob, one direction, and cannot be modified", async () => {
  const downloadUrl = await link();
  const uploadUrl = await link("upload", "links-1", "three.txt");
  const other = (url: string, from: string, to: string) => download(url.replace(from, to));
  expect(await other(downloadUrl, "one.txt", "two.txt")).toBe("AuthenticationFailed");
  expect(await other(downloadUrl, "links-1", "links-2")).toBe("AuthenticationFailed");
  // Neither another request nor a modified URL gains rights that were not signed.
  expect(await upload(downloadUrl)).toBe("AuthorizationPermissionMismatch");
  expect(await download(uploadUrl)).toBe("AuthorizationPermissionMismatch");
  expect(await upload(downloadUrl.replace("sp=r&", "sp=rcwd&"))).toBe("AuthenticationFailed");
  for (const [field, value] of [
    ["se", "2099-01-01T00%3A00%3A00Z"],
    ["st", "2020-01-01T00%3A00%3A00Z"],
    ["spr", "https%2Chttp"],
    ["si", "other"],
  ]) {
    const changed = downloadUrl.replace(new RegExp(`([?&]${field}=)[^&]*`), `$1${value}`);
    expect(changed).not.toBe(downloadUrl);
    expect(await download(changed)).toBe("AuthenticationFailed");
  }
  expect(await upload(uploadUrl)).toBe("written");
});

test("removing a terminal's stored access policy invalidates all its links and no others", async () => {
  const [own, other] = [await link(), await link("download", "links-2")];
  await files.removePolicy("links-1");
  expect(await download(own)).toBe("AuthenticationFailed");
  expect(await download(other)).toBe("one.txt");
  await files.ensureContainer("links-1");
});

test("the account rejects a SAS of more than 30 days that names no stored access policy", async () => {
  const [{ value }] = await operator.files.keys.read();
  const account = fleet.azure.resources.get(operator.outputs.filesAccountResourceId)!;
  fleet.azure.resources.put({
    ...account,
    properties: {
      ...account.properties,
      sasPolicy: { sasExpirationPeriod: "30.00:00:00", expirationAction: "Block" },
    },
  });
  const key = new StorageSharedKeyCredential(operator.files.keys.account, value);
  const sasWithoutPolicy = (days: number) => {
    const startsOn = new Date(fleet.clock.now() - minute);
    const query = generateBlobSASQueryParameters(
      {
        containerName: "links-2",
        blobName: "two.txt",
        permissions: BlobSASPermissions.parse("r"),
        protocol: SASProtocol.Https,
        startsOn,
        expiresOn: new Date(startsOn.getTime() + days * day),
      },
      key,
    );
    return download(`${operator.outputs.filesBlobEndpoint}links-2/two.txt?${query}`);
  };
  expect(await sasWithoutPolicy(30)).toBe("two.txt");
  expect(await sasWithoutPolicy(31)).not.toBe("two.txt");
});

test("rotateSigningKey alternates the two keys, ends no valid link, and fails with the date when it is too early", async () => {
  const first = await link();
  const early = rotateSigningKey(files.keys, fleet.clock.now());
  await expect(early).rejects.toMatchObject({ outcome: "failed", code: "TooEarly" });
  // Both keys were created with the account. The older one is regenerated first, whichever it is.
  const { next } = signingKeySchedule(await files.keys.read(), fleet.clock.now());
  await expect(early).rejects.toThrow(
    new RegExp(`file links that ${next.name} signed can be valid until \\d+ \\w+ 20`),
  );
  await move(31 * day);
  const rotation = await rotateSigningKey(files.keys, fleet.clock.now());
  expect(rotation.renewed).toBe(next.name);
  // The old key signs until the delay of the new one has passed. Links of both keys work.
  const second = await link();
  await move(rotation.signsFrom.getTime() - fleet.clock.now() + keyCacheMs);
  const third = await link();
  for (const url of [second, third]) expect(await download(url)).toBe("one.txt");
  expect(await download(first)).toBe("AuthenticationFailed");
  await expect(rotateSigningKey(files.keys, fleet.clock.now())).rejects.toMatchObject({ code: "TooEarly" });
  await move(30 * day - backDatedMs - keyCacheMs - 25 * minute);
  expect(await download(third)).toBe("one.txt");
  await move(rotation.nextPossible.getTime() - fleet.clock.now());
  expect(await download(second)).toBe("AuthenticationFailed");
  const fourth = await link();
  expect((await rotateSigningKey(files.keys, fleet.clock.now())).renewed).not.toBe(next.name);
  expect(await download(fourth)).toBe("one.txt");
});

test("rotateBothKeys invalidates all links, and new links work", async () => {
  const before = [await link(), await link("upload"), await link("download", "links-2")];
  await rotateBothKeys(files.keys, fleet.clock.now());
  for (const url of before) expect(await download(url)).toBe("AuthenticationFailed");
  expect(await download(await link("download", "links-2"))).toBe("one.txt");
});
