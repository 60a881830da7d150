import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { dirname, join } from "node:path";
import { BlobClient } from "@azure/storage-blob";
import {
  blobPipeline,
  createFoldersDurably,
  type DownloadOffer,
  downloadBlob,
  type NetworkSettings,
  openReadWrite,
  replaceFileDurably,
  type StreamDigest,
  statusOf,
  syncFolder,
  writeAt,
} from "@terminal-fleet/cli/terminal-support";
import { TransferError } from "./transfer-failure.ts";

/** Path of a file while it is downloaded. */
export function partialPath(folder: string, id: string): string {
  return join(folder, `${id}.partial`);
}

/** The offer ID in the name of a partial download; undefined for any other file. */
export function offerIdOfPartial(name: string): string | undefined {
  return /^([0-9a-z]{20})\.partial$/.exec(name)?.[1];
}

/** Final path of a downloaded file. Each offer has its own folder, so that files with the same name do not collide. */
export function receivedPath(folder: string, id: string, name: string): string {
  return join(folder, "received", id, name);
}

/**
 * Downloads a file to its partial path, in constant memory. It continues a partial download.
 * @returns Size and hash of the content, which survives a power failure.
 * @throws TransferError "mismatch" when size or hash differ from the offer. Then the content is deleted.
 */
export async function receiveFile(
  folder: string,
  id: string,
  offer: DownloadOffer,
  network: NetworkSettings,
  signal: AbortSignal,
): Promise<StreamDigest> {
  const partial = partialPath(folder, id);
  await using file = await openReadWrite(partial);
  let { size } = await file.stat();
  if (size > offer.size) {
    await file.truncate(0);
    size = 0;
  }
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(partial)) hash.update(chunk as Buffer);
  if (size < offer.size) {
    for await (const chunk of downloadFrom(offer.url, size, network, signal)) {
      hash.update(chunk);
      await writeAt(file, chunk, size);
      size += chunk.length;
      if (size > offer.size) break;
    }
  }
  await file.sync();
  const sha256 = hash.digest("base64");
  if (size === offer.size && sha256 === offer.sha256) return { size, sha256 };
  await file.truncate(0);
  throw new TransferError("mismatch");
}

/** The content of a blob from a position on; empty when the blob is not longer than that. */
async function* downloadFrom(
  url: string,
  offset: number,
  network: NetworkSettings,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  try {
    yield* downloadBlob(new BlobClient(url, blobPipeline(network)), { offset, signal });
  } catch (error) {
    if (statusOf(error) !== 416) throw error;
  }
}

/** Moves a complete download to its final path. It survives a power failure, and can be repeated. */
export async function moveToReceived(folder: string, id: string, name: string): Promise<void> {
  const path = receivedPath(folder, id, name);
  await createFoldersDurably(dirname(path));
  try {
    await replaceFileDurably(partialPath(folder, id), path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    // It was moved before a crash. The rename may not be on disk yet.
    await syncFolder(dirname(path));
  }
}
