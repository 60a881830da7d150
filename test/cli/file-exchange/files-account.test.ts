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
/** A file's key is valid from so long before it was made. */
const backDated = 15 * minute;

let fleet: DeployedFleet;
let operator: Fleet;
/** The operators' files at the sandbox's time. */
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

/** Moves the time; the operators sign in anew, as their tokens' time may be over. */
async function move(ms: number): Promise<void> {
  fleet.clock.move(ms);
  operator = await fleet.connect();
  const clock: Clock = { now: () => fleet.clock.now(), sleep: async () => {} };
  files = new FilesAccount(operator.files.keys, operator.outputs.filesBlobEndpoint, fleet.network, clock);
}

const link = async (direction: Direction = "download", terminal = "links-1", name = "one.txt") =>
  (await files.createLink(terminal, { name, direction })).url;

/** What storage answers to a download: the content, or its code. */
async function fetchOne(url: string): Promise<string> {
  try {
    const blob = new BlobClient(url, blobPipeline(fleet.network, { retries: { maxTries: 1 } }));
    return await text((await blob.download()).readableStreamBody!);
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
}

async function overwrite(url: string): Promise<string> {
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

test("a key is valid for 30 days from its start, and not a second longer", async () => {
  const url = await link();
  expect(await fetchOne(url)).toBe("one.txt");
  // The clock runs on while this is done; a busy machine takes its time.
  await move(30 * day - backDated - 30_000);
  expect(await fetchOne(url)).toBe("one.txt");
  await move(31_000);
  expect(await fetchOne(url)).toBe("AuthenticationFailed");
});

test("a key is not valid before its start", async () => {
  const url = await link();
  await move(-backDated + 5_000);
  expect(await fetchOne(url)).toBe("one.txt");
  await move(-35_000);
  expect(await fetchOne(url)).toBe("AuthenticationFailed");
});

test("a key is for https only", async () => {
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

test("a key is for one file of one terminal, and only its own way", async () => {
  const download = await link();
  const upload = await link("upload", "links-1", "three.txt");
  const other = (url: string, from: string, to: string) => fetchOne(url.replace(from, to));
  expect(await other(download, "one.txt", "two.txt")).toBe("AuthenticationFailed");
  expect(await other(download, "links-1", "links-2")).toBe("AuthenticationFailed");
  // Wider than what was signed: in the request, and in the URL.
  expect(await overwrite(download)).toBe("AuthorizationPermissionMismatch");
  expect(await fetchOne(upload)).toBe("AuthorizationPermissionMismatch");
  expect(await overwrite(download.replace("sp=r&", "sp=rcwd&"))).toBe("AuthenticationFailed");
  for (const [field, value] of [
    ["se", "2099-01-01T00%3A00%3A00Z"],
    ["st", "2020-01-01T00%3A00%3A00Z"],
    ["spr", "https%2Chttp"],
    ["si", "other"],
  ]) {
    const changed = download.replace(new RegExp(`([?&]${field}=)[^&]*`), `$1${value}`);
    expect(changed).not.toBe(download);
    expect(await fetchOne(changed)).toBe("AuthenticationFailed");
  }
  expect(await overwrite(upload)).toBe("written");
});

test("removing a terminal's policy ends its keys at once, and only its own", async () => {
  const [mine, other] = [await link(), await link("download", "links-2")];
  await files.removePolicy("links-1");
  expect(await fetchOne(mine)).toBe("AuthenticationFailed");
  expect(await fetchOne(other)).toBe("one.txt");
  await files.ensureContainer("links-1");
});

test("the account refuses a key of more than 30 days that is not bound to a policy", async () => {
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
  const free = (days: number) => {
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
    return fetchOne(`${operator.outputs.filesBlobEndpoint}links-2/two.txt?${query}`);
  };
  expect(await free(30)).toBe("two.txt");
  expect(await free(31)).not.toBe("two.txt");
});

test("the two keys take turns: nothing ends before its time, and the command says when the next turn is", async () => {
  const first = await link();
  const early = rotateSigningKey(files.keys, fleet.clock.now());
  await expect(early).rejects.toMatchObject({ outcome: "failed", code: "TooEarly" });
  // Of two keys that were made together either may be a moment older; the older one is made anew first.
  const { next } = signingKeySchedule(await files.keys.read(), fleet.clock.now());
  await expect(early).rejects.toThrow(
    new RegExp(`file links that ${next.name} signed can be valid until 20`),
  );
  await move(31 * day);
  const rotation = await rotateSigningKey(files.keys, fleet.clock.now());
  expect(rotation.renewed).toBe(next.name);
  // Until the new key has settled the old one signs; then the new one does; both kinds of links work.
  const second = await link();
  await move(rotation.signsFrom.getTime() - fleet.clock.now() + keyCacheMs);
  const third = await link();
  for (const url of [second, third]) expect(await fetchOne(url)).toBe("one.txt");
  expect(await fetchOne(first)).toBe("AuthenticationFailed");
  await expect(rotateSigningKey(files.keys, fleet.clock.now())).rejects.toMatchObject({ code: "TooEarly" });
  await move(30 * day - backDated - keyCacheMs - 25 * minute);
  expect(await fetchOne(third)).toBe("one.txt");
  await move(rotation.nextPossible.getTime() - fleet.clock.now());
  expect(await fetchOne(second)).toBe("AuthenticationFailed");
  const fourth = await link();
  expect((await rotateSigningKey(files.keys, fleet.clock.now())).renewed).not.toBe(next.name);
  expect(await fetchOne(fourth)).toBe("one.txt");
});

test("in an emergency nothing that was signed is taken any more, and new keys work", async () => {
  const before = [await link(), await link("upload"), await link("download", "links-2")];
  await rotateBothKeys(files.keys, fleet.clock.now());
  for (const url of before) expect(await fetchOne(url)).toBe("AuthenticationFailed");
  expect(await fetchOne(await link("download", "links-2"))).toBe("one.txt");
});
