import { basename } from "node:path";
import type { ContainerClient } from "@azure/storage-blob";
import { explained, statusOf } from "../azure/explain-error.ts";
import { whyInvalid } from "../lib/ids.ts";
import { OperatorError } from "../lib/operator-error.ts";
import { t } from "../words/translate.ts";
import { type BlobLocation, findBlobLocation, newBlobLocation } from "./blob-location.ts";
import { digestFile, type FileDigest, type OnBytes, uploadBlocks } from "./block-upload.ts";
import { deleteBlob } from "./delete-blob.ts";
import { blobNameOf } from "./file-link.ts";
import type { FilesAccount } from "./files-account.ts";
import { runTransfer } from "./interrupted-transfer.ts";
import { type DownloadOffer, fileName, newOfferId, type UploadOffer } from "./offers/offer.ts";
import { isWaitingFor, type OfferStatus, type WantedOffer } from "./offers/offer-status.ts";
import type { Offers } from "./offers/offers.ts";

/** The result of sending or requesting a file. */
export interface OfferResult {
  id: string;
  offer: DownloadOffer | UploadOffer;
  /** False when the same offer was waiting already. */
  isNew: boolean;
  /** Offers that were removed from the device twin because they are complete, failed or expired. */
  removed: OfferStatus[];
}

/** Options of both directions. */
export interface ExchangeOptions {
  /** How many days the file link is valid; at most 30, the default. */
  days?: number;
  signal?: AbortSignal;
}

/** The code of the error for a revoked terminal. */
export const revokedCode = "TerminalRevoked";

/** The services that exchange files with terminals. */
export interface FileExchange {
  files: FilesAccount;
  offers: Offers;
}

/**
 * Uploads a file to a terminal's container and offers it to the terminal, which downloads it when it is online. Sending
 * the same content under the same name again while the offer waits changes nothing. An interrupted upload continues.
 * @param options.name The file's name for the terminal; default: the name in `path`.
 * @throws OperatorError with the cause and the remedy.
 */
export async function sendFile(
  exchange: FileExchange,
  terminal: string,
  path: string,
  options: ExchangeOptions & { name?: string; onDigest?: OnBytes; onUpload?: OnBytes },
): Promise<OfferResult> {
  const { files, offers } = exchange;
  const name = checkName(options.name ?? basename(path));
  const policy = await requirePolicyId(exchange, terminal);
  const digest = await digestFile(path, options.onDigest ?? (() => {}), options.signal);
  const { size, sha256 } = digest;
  const { same, invalid } = await findWaiting(exchange, await offers.list(terminal), {
    direction: "download",
    name,
    sha256,
  });
  if (same) return existingOffer(same);
  const doing = t`sending ${name} to ${terminal}`;
  const container = await files.containerClient(terminal);
  const location = await explained(findBlobLocation(container, digest, name), doing);
  const createOffer = async (blob: string): Promise<DownloadOffer> => {
    const link = { name: blob, direction: "download", days: options.days, policy } as const;
    const { url, expiresOn } = await files.createLink(terminal, link);
    return { direction: "download", name, url, size, sha256, validUntil: expiresOn.toISOString() };
  };
  const id = newOfferId(Date.now());
  // A full device twin is reported before a large upload, not after it.
  await offers.checkRoom(terminal, { id, offer: await createOffer(location.blob), replaces: invalid });
  const upload = uploadContent(container, location, path, name, digest, options);
  const uploaded = await runTransfer(upload, doing, options.signal);
  // The validity of the link begins after the upload.
  const offer = await createOffer(uploaded.blob);
  const added = await offers.add(terminal, { id, offer, replaces: invalid });
  if (!added.same) return { id, offer, isNew: true, removed: added.removed };
  // Another run offered the same content first, so no offer refers to this blob.
  if (!uploaded.isUploaded && uploaded.blob !== blobNameOf(terminal, added.same.offer)) {
    await explained(deleteBlob(container.getBlobClient(uploaded.blob)), doing);
  }
  return existingOffer(added.same);
}

/**
 * Requests one of a terminal's files, for example its log. The terminal uploads the file when it is online. Requesting
 * the same file again while the offer waits changes nothing.
 */
export async function requestFile(
  exchange: FileExchange,
  terminal: string,
  requestedName: string,
  options: ExchangeOptions,
): Promise<OfferResult> {
  const { files, offers } = exchange;
  const name = checkName(requestedName);
  const policy = await requirePolicyId(exchange, terminal);
  const { same, invalid } = await findWaiting(exchange, await offers.list(terminal), {
    direction: "upload",
    name,
  });
  if (same) return existingOffer(same);
  const id = newOfferId(Date.now());
  const { url, expiresOn } = await files.createLink(terminal, {
    name: `from-terminal/${id}/${name}`,
    direction: "upload",
    days: options.days,
    policy,
  });
  const offer: UploadOffer = { direction: "upload", name, url, validUntil: expiresOn.toISOString() };
  const added = await offers.add(terminal, { id, offer, replaces: invalid });
  return added.same ? existingOffer(added.same) : { id, offer, isNew: true, removed: added.removed };
}

/** Withdraws an offer: deletes its blob, so that the file link is useless, and removes it from the device twin. */
export async function withdrawOffer(
  { files, offers }: FileExchange,
  terminal: string,
  { id, offer }: OfferStatus,
): Promise<void> {
  const blob = (await files.containerClient(terminal)).getBlobClient(blobNameOf(terminal, offer));
  await explained(deleteBlob(blob), t`deleting ${offer.name} of ${terminal}`);
  await offers.remove(terminal, [id]);
}

/**
 * The container's stored access policy, which a new file link names.
 * @throws OperatorError with the code `revokedCode` for a revoked terminal.
 */
export async function requirePolicyId({ files, offers }: FileExchange, terminal: string): Promise<string> {
  const policy = await files.readPolicyId(terminal);
  if (policy) return policy;
  const { status, statusReason } = await offers.readDeviceStatus(terminal);
  if (status === "disabled") {
    throw new OperatorError("failed", t`${terminal} is revoked (${statusReason || t`no reason given`})`, {
      code: revokedCode,
      remedy: t`If it is to work again: \`npx terminals reinstate ${terminal}\`.`,
    });
  }
  throw new OperatorError("failed", t`${terminal} is half onboarded: it has no stored access policy`, {
    remedy: t`Onboard its batch again, or run \`npx terminals reinstate ${terminal}\`.`,
  });
}

/**
 * Finds, among a terminal's offers, a waiting one of the same file with a valid link. Returns also the IDs of waiting offers whose link became
 * invalid early, by a rotated signing key or by a revocation and reinstatement.
 */
export async function findWaiting(
  { files }: Pick<FileExchange, "files">,
  offers: OfferStatus[],
  wanted: WantedOffer,
): Promise<{ same: OfferStatus | undefined; invalid: string[] }> {
  const invalid: string[] = [];
  for (const one of offers) {
    if (!isWaitingFor(one, wanted)) continue;
    if (await files.acceptsLink(one.offer.url)) return { same: one, invalid };
    invalid.push(one.id);
  }
  return { same: undefined, invalid };
}

/** The result for an offer that exists already. */
export function existingOffer({ id, offer }: OfferStatus): OfferResult {
  return { id, offer, isNew: false, removed: [] };
}

/** @returns Where the content is afterwards: the given location, or a new one if its blob was deleted. */
async function uploadContent(
  container: ContainerClient,
  location: BlobLocation,
  path: string,
  name: string,
  digest: FileDigest,
  { onUpload = () => {}, signal }: { onUpload?: OnBytes; signal?: AbortSignal },
): Promise<BlobLocation> {
  let target = location;
  if (location.isUploaded) {
    try {
      // The lifecycle rule counts from the last modification: the blob must exist as long as the new link is valid.
      await container.getBlobClient(location.blob).setMetadata({ sha256: digest.sha256 });
      onUpload(digest.size);
      return location;
    } catch (error) {
      if (statusOf(error) !== 404) throw error;
      // The offer was withdrawn in the meantime.
      target = newBlobLocation(digest, name);
    }
  }
  await uploadBlocks(container.getBlockBlobClient(target.blob), path, digest, onUpload, signal);
  return target;
}

function checkName(name: string): string {
  const reason = whyInvalid(fileName, name);
  if (reason) throw new OperatorError("usage", t`the file name ${JSON.stringify(name)} ${reason}`);
  return name;
}
