import { randomBytes } from "node:crypto";
import type { ContainerClient } from "@azure/storage-blob";
import type { FileDigest } from "./block-upload.ts";

/** Where a file that is to be offered lies in its terminal's container. */
export interface BlobLocation {
  /** `to-terminal/HASH/CHANCE/NAME`; HASH begins the content's SHA-256. */
  blob: string;
  /** Whether the content is there already. */
  isWhole: boolean;
}

const folderOf = ({ sha256 }: FileDigest) =>
  `to-terminal/${Buffer.from(sha256, "base64").toString("hex").slice(0, 32)}/`;

/** A place that no file ever had: keys of files that were taken back open nothing there. */
export function newBlobLocation(digest: FileDigest, name: string): BlobLocation {
  return { blob: `${folderOf(digest)}${randomBytes(8).toString("hex")}/${name}`, isWhole: false };
}

/**
 * The place for a content under a name: where it lies already, else where an interrupted upload of it has begun, else a
 * new one. What was deleted is never filled again.
 */
export async function blobLocationFor(
  container: ContainerClient,
  digest: FileDigest,
  name: string,
): Promise<BlobLocation> {
  const folder = folderOf(digest);
  const listing = { prefix: folder, includeMetadata: true, includeUncommitedBlobs: true };
  let begun: string | undefined;
  for await (const { name: blob, properties, metadata } of container.listBlobsFlat(listing)) {
    if (!blob.endsWith(`/${name}`)) continue;
    const isWhole = metadata?.sha256 === digest.sha256 && properties.contentLength === digest.size;
    if (isWhole) return { blob, isWhole };
    // Names without chance in them were used again and again.
    if (!metadata?.sha256 && blob.slice(folder.length).includes("/")) begun ??= blob;
  }
  return begun === undefined ? newBlobLocation(digest, name) : { blob: begun, isWhole: false };
}
