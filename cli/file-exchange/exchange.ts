import { basename } from "node:path";
import { explained, OperatorError, statusOf } from "../lib/errors.ts";
import { whyInvalid } from "../lib/ids.ts";
import { type BlobLocation, blobLocationFor, newBlobLocation } from "./blob-location.ts";
import { digestFile, type FileDigest, type OnBytes, uploadBlocks } from "./block-upload.ts";
import { deleteBlob } from "./delete-blob.ts";
import { blobNameOf } from "./file-link.ts";
import type { FilesAccount } from "./files-account.ts";
import { runTransfer } from "./interrupted-transfer.ts";
import { type DownloadOffer, fileName, newOfferId, type UploadOffer } from "./offers/offer.ts";
import { isWaitingFor, type OfferStatus, type Offers, type WantedOffer } from "./offers/offers.ts";

/** What became of a file that was to be sent, or was asked for. */
export interface OfferResult {
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

/** What files are exchanged with. */
export interface FileExchange {
  files: FilesAccount;
  offers: Offers;
}

/**
 * Puts a file into a terminal's container and offers it to the terminal, which fetches it when it is online. Sending
 * the same content under the same name again, while it waits, changes nothing; an interrupted run continues.
 * @param options.name Its name for the terminal; default its own.
 * @throws OperatorError that says what is wrong, and what to do.
 */
export async function sendFile(
  exchange: FileExchange,
  terminal: string,
  path: string,
  options: ExchangeOptions & { name?: string; onDigest?: OnBytes; onUpload?: OnBytes },
): Promise<OfferResult> {
  const { files, offers } = exchange;
  const name = checkedName(options.name ?? basename(path));
  const policy = await files.requirePolicyId(terminal);
  const digest = await digestFile(path, options.onDigest ?? (() => {}), options.signal);
  const { size, sha256 } = digest;
  const { same, dead } = await waiting(exchange, terminal, { direction: "download", name, sha256 });
  if (same) return waitsAlready(same);
  const sending = `sending ${name} to ${terminal}`;
  const container = await files.containerClient(terminal);
  let place = await explained(blobLocationFor(container, digest, name), sending);
  const makeOffer = async (): Promise<DownloadOffer> => {
    const link = { name: place.blob, direction: "download", days: options.days, policy } as const;
    const { url, expiresOn } = await files.createLink(terminal, link);
    return { direction: "download", name, url, size, sha256, validUntil: expiresOn.toISOString() };
  };
  const id = newOfferId(Date.now());
  // Better told before a large file is on its way than after.
  await offers.checkRoom(terminal, { id, offer: await makeOffer(), replaces: dead });
  place = await runTransfer(
    put(exchange, terminal, place, path, name, digest, options),
    sending,
    options.signal,
  );
  // The key's time begins when the file is there.
  const offer = await makeOffer();
  const added = await offers.add(terminal, { id, offer, replaces: dead });
  if (!added.same) return { id, offer, isNew: true, removed: added.removed };
  // Somebody else was faster: what was put here is offered by nobody.
  if (!place.isWhole && place.blob !== blobNameOf(terminal, added.same.offer)) {
    await explained(deleteBlob(container.getBlobClient(place.blob)), sending);
  }
  return waitsAlready(added.same);
}

/**
 * Asks a terminal for one of its files, for example its log: it delivers it when it is online. Asking again while the
 * same waits changes nothing.
 */
export async function requestFile(
  exchange: FileExchange,
  terminal: string,
  wanted: string,
  options: ExchangeOptions,
): Promise<OfferResult> {
  const { files, offers } = exchange;
  const name = checkedName(wanted);
  const policy = await files.requirePolicyId(terminal);
  const { same, dead } = await waiting(exchange, terminal, { direction: "upload", name });
  if (same) return waitsAlready(same);
  const id = newOfferId(Date.now());
  const { url, expiresOn } = await files.createLink(terminal, {
    name: `from-terminal/${id}/${name}`,
    direction: "upload",
    days: options.days,
    policy,
  });
  const offer: UploadOffer = { direction: "upload", name, url, validUntil: expiresOn.toISOString() };
  const added = await offers.add(terminal, { id, offer, replaces: dead });
  return added.same ? waitsAlready(added.same) : { id, offer, isNew: true, removed: added.removed };
}

/** Takes an offer back: its file is deleted, so that its key opens nothing, and the terminal forgets it. */
export async function withdrawOffer(
  { files, offers }: FileExchange,
  terminal: string,
  { id, offer }: OfferStatus,
): Promise<void> {
  const blob = (await files.containerClient(terminal)).getBlobClient(blobNameOf(terminal, offer));
  await explained(deleteBlob(blob), `deleting ${offer.name} of ${terminal}`);
  await offers.remove(terminal, [id]);
}

/**
 * An offer of the same that waits and whose key is taken; and the ids of those whose key was ended before its time, by
 * a new signing key, or by a revocation that was undone.
 */
async function waiting({ files, offers }: FileExchange, terminal: string, wanted: WantedOffer) {
  const dead: string[] = [];
  for (const one of await offers.list(terminal)) {
    if (!isWaitingFor(one, wanted)) continue;
    if (await files.acceptsLink(one.offer.url)) return { same: one, dead };
    dead.push(one.id);
  }
  return { same: undefined, dead };
}

function waitsAlready({ id, offer }: OfferStatus): OfferResult {
  return { id, offer, isNew: false, removed: [] };
}

/** @returns Where the content is then. */
async function put(
  { files }: FileExchange,
  terminal: string,
  place: BlobLocation,
  path: string,
  name: string,
  digest: FileDigest,
  { onUpload = () => {}, signal }: { onUpload?: OnBytes; signal?: AbortSignal },
): Promise<BlobLocation> {
  const container = await files.containerClient(terminal);
  let target = place;
  if (place.isWhole) {
    try {
      // The lifecycle rule counts from the last change: the file must outlive the key that is made for it now.
      await container.getBlobClient(place.blob).setMetadata({ sha256: digest.sha256 });
      onUpload(digest.size);
      return place;
    } catch (error) {
      if (statusOf(error) !== 404) throw error;
      // Somebody took it back meanwhile.
      target = newBlobLocation(digest, name);
    }
  }
  await uploadBlocks(container.getBlockBlobClient(target.blob), path, digest, onUpload, signal);
  return target;
}

function checkedName(name: string): string {
  const wrong = whyInvalid(fileName, name);
  if (wrong) throw new OperatorError("usage", `the file's name ${JSON.stringify(name)} ${wrong}`);
  return name;
}
