import { open, rename, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { BlobClient, type BlockBlobClient } from "@azure/storage-blob";
import { explained, OperatorError, statusOf } from "../errors.ts";
import { misfit } from "../ids.ts";
import { type DownloadOffer, fileName, newOfferId, type UploadOffer } from "../offers/offer.ts";
import type { OfferStatus, Offers } from "../offers/offers.ts";
import { type Digest, digestFile, type OnBytes, uploadBlocks } from "./block-upload.ts";
import type { Files } from "./files.ts";
import { hashing } from "./hashing.ts";

/** What became of a file that was to be sent, or was asked for. */
export interface Offered {
  id: string;
  offer: DownloadOffer | UploadOffer;
  /** False when the same was offered already and still waits. */
  isNew: boolean;
  /** Offers that were removed from the twin because they are over. */
  removed: OfferStatus[];
}

/** What both directions take. */
export interface ExchangeOptions {
  /** How long the key is valid, at most 30, the default. */
  days?: number;
  signal?: AbortSignal;
}

/**
 * Puts a file into a terminal's container and offers it to the terminal, which fetches it when it is online. Sending
 * the same content under the same name again, while it waits, changes nothing; an interrupted run continues.
 * @param options.name Its name for the terminal; default its own.
 * @throws OperatorError that says what is wrong, and what to do.
 */
export async function sendFile(
  { files, offers }: { files: Files; offers: Offers },
  terminal: string,
  path: string,
  options: ExchangeOptions & { name?: string; onDigest?: OnBytes; onUpload?: OnBytes },
): Promise<Offered> {
  const name = checkedName(options.name ?? basename(path));
  const policy = await files.policyForKeys(terminal);
  const digest = await digestFile(path, options.onDigest ?? (() => {}), options.signal);
  const same = (await offers.list(terminal)).find(
    (one) =>
      one.state === "waiting" &&
      one.offer.direction === "download" &&
      one.offer.name === name &&
      one.offer.sha256 === digest.sha256,
  );
  // The key may have been ended before its time: by a new signing key, or by a revocation that was undone.
  if (same && (await files.takesLink(same.offer.url))) {
    return { id: same.id, offer: same.offer, isNew: false, removed: [] };
  }
  // A blob's name follows from its content: a file that is offered is never overwritten by another one.
  const blobName = `to-terminal/${Buffer.from(digest.sha256, "base64").toString("hex").slice(0, 32)}/${name}`;
  const makeOffer = async (): Promise<DownloadOffer> => {
    const link = { name: blobName, direction: "download", days: options.days, policy } as const;
    const { url, expiresOn } = await files.link(terminal, link);
    const { size, sha256 } = digest;
    return { direction: "download", name, url, size, sha256, validUntil: expiresOn.toISOString() };
  };
  const id = newOfferId(Date.now());
  // Better told before a large file is on its way than after.
  await offers.checkRoom(terminal, { id, offer: await makeOffer(), replaces: same?.id });
  const blob = (await files.container(terminal)).getBlockBlobClient(blobName);
  await explained(put(blob, path, digest, options), `sending ${name} to ${terminal}`);
  // The key's time begins when the file is there.
  const offer = await makeOffer();
  const removed = await offers.add(terminal, { id, offer, replaces: same?.id });
  return { id, offer, isNew: true, removed };
}

/**
 * Asks a terminal for one of its files, for example its log: it delivers it when it is online. Asking again while the
 * same waits changes nothing.
 */
export async function requestFile(
  { files, offers }: { files: Files; offers: Offers },
  terminal: string,
  wanted: string,
  options: ExchangeOptions,
): Promise<Offered> {
  const name = checkedName(wanted);
  const policy = await files.policyForKeys(terminal);
  const same = (await offers.list(terminal)).find(
    (one) => one.state === "waiting" && one.offer.direction === "upload" && one.offer.name === name,
  );
  if (same && (await files.takesLink(same.offer.url))) {
    return { id: same.id, offer: same.offer, isNew: false, removed: [] };
  }
  const id = newOfferId(Date.now());
  const { url, expiresOn } = await files.link(terminal, {
    name: `from-terminal/${id}/${name}`,
    direction: "upload",
    days: options.days,
    policy,
  });
  const offer: UploadOffer = { direction: "upload", name, url, validUntil: expiresOn.toISOString() };
  const removed = await offers.add(terminal, { id, offer, replaces: same?.id });
  return { id, offer, isNew: true, removed };
}

/**
 * Fetches what a terminal has delivered, verifies it, and removes its offer.
 * @returns Where the file is: in `folder`, under its own name, or with its offer's id when that is taken.
 */
export async function collectFile(
  { files, offers }: { files: Files; offers: Offers },
  terminal: string,
  { id, offer, acknowledgement }: OfferStatus,
  folder: string,
  options: { onBytes?: OnBytes; signal?: AbortSignal },
): Promise<string> {
  if (offer.direction !== "upload" || acknowledgement?.state !== "done") {
    throw new OperatorError("failed", `${offer.name} (${id}) is not delivered`);
  }
  const partial = join(folder, `.${id}.partial`);
  const blob = (await files.container(terminal)).getBlobClient(new BlobClient(offer.url).name);
  const fetching = (async () => {
    await using target = await open(partial, "w", 0o600);
    const { readableStreamBody } = await blob.download(0, undefined, {
      maxRetryRequests: 5,
      abortSignal: options.signal,
    });
    const found = await hashing(readableStreamBody as NodeJS.ReadableStream, async (chunk) => {
      await target.write(chunk);
      options.onBytes?.(chunk.length);
    });
    await target.sync();
    return found;
  })();
  const found = await explained(fetching, `collecting ${offer.name} of ${terminal}`);
  if (found.sha256 !== acknowledgement.sha256 || found.size !== acknowledgement.size) {
    await rm(partial, { force: true });
    throw new OperatorError("failed", `${offer.name} (${id}) is not what ${terminal} says it delivered`, {
      remedy: `Ask for it again: \`terminals request ${terminal} ${offer.name}\`.`,
    });
  }
  const path = await freeName(folder, offer.name, id);
  await rename(partial, path);
  await offers.remove(terminal, [id]);
  return path;
}

/** Takes an offer back: its file is deleted, so that its key opens nothing, and the terminal forgets it. */
export async function withdraw(
  { files, offers }: { files: Files; offers: Offers },
  terminal: string,
  { id, offer }: OfferStatus,
): Promise<void> {
  const blob = (await files.container(terminal)).getBlobClient(new BlobClient(offer.url).name);
  await explained(
    blob.deleteIfExists({ deleteSnapshots: "include" }),
    `deleting ${offer.name} of ${terminal}`,
  );
  await offers.remove(terminal, [id]);
}

async function put(
  blob: BlockBlobClient,
  path: string,
  digest: Digest,
  { onUpload = () => {}, signal }: { onUpload?: OnBytes; signal?: AbortSignal },
): Promise<void> {
  const there = await blob.getProperties().catch((error) => {
    if (statusOf(error) === 404) return undefined;
    throw error;
  });
  if (there?.metadata?.sha256 === digest.sha256 && there.contentLength === digest.size) {
    // The lifecycle rule counts from the last change: the file must outlive the key that is made for it now.
    await blob.setMetadata({ sha256: digest.sha256 });
    onUpload(digest.size);
    return;
  }
  await uploadBlocks(blob, path, digest, onUpload, signal);
}

function checkedName(name: string): string {
  const wrong = misfit(fileName, name);
  if (wrong) throw new OperatorError("usage", `the file's name ${JSON.stringify(name)} ${wrong}`);
  return name;
}

async function freeName(folder: string, name: string, id: string): Promise<string> {
  for (const candidate of [name, `${id}-${name}`]) {
    const path = join(folder, candidate);
    try {
      // Making it empty reserves the name; renaming replaces it.
      await (await open(path, "wx", 0o600)).close();
      return path;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  }
  return join(folder, `${id}-${name}`);
}
