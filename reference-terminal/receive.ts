import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { dirname, join } from "node:path";
import { BlobClient } from "@azure/storage-blob";
import type { Content, DownloadOffer, NetworkSettings } from "@terminal-fleet/cli/terminal-support";
import {
  blobPipeline,
  createFoldersDurably,
  download,
  openReadWrite,
  replaceFileDurably,
  statusOf,
  syncFolder,
  writeAt,
} from "@terminal-fleet/cli/terminal-support";
import { Unfit } from "./transfer-failure.ts";

/** Where a file is while it arrives. */
export function partialPath(folder: string, id: string): string {
  return join(folder, `${id}.partial`);
}

/** The offer's id in the name of a partial file; undefined for any other file. */
export function partialId(name: string): string | undefined {
  return /^([0-9a-z]{20})\.partial$/.exec(name)?.[1];
}

/** Where a file is when it has arrived: a folder of its own, so that files of one name do not replace each other. */
export function receivedPath(folder: string, id: string, name: string): string {
  return join(folder, "received", id, name);
}

/**
 * Fetches a file to its partial path, in constant memory; what an earlier try brought is not fetched again.
 * @returns What arrived, on disk, safe from a power cut.
 * @throws Unfit "mismatch" when it is not what was offered; what arrived is deleted then.
 */
export async function receive(
  folder: string,
  id: string,
  offer: DownloadOffer,
  network: NetworkSettings,
  signal: AbortSignal,
): Promise<Content> {
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
    for await (const chunk of contentOf(offer.url, network, size, signal)) {
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
  throw new Unfit("mismatch");
}

/** A blob's content from a byte on: nothing when it has no such byte. */
async function* contentOf(
  url: string,
  network: NetworkSettings,
  from: number,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  try {
    yield* download(new BlobClient(url, blobPipeline(network)), { offset: from, signal });
  } catch (error) {
    if (statusOf(error) !== 416) throw error;
  }
}

/** Puts a file that has arrived in its place, safe from a power cut; doing it again does nothing. */
export async function putInPlace(folder: string, id: string, name: string): Promise<void> {
  const path = receivedPath(folder, id, name);
  await createFoldersDurably(dirname(path));
  try {
    await replaceFileDurably(partialPath(folder, id), path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    // It was moved before a crash, which may have come before that was on disk.
    await syncFolder(dirname(path));
  }
}
