import { randomBytes } from "node:crypto";
import type { ContainerClient } from "@azure/storage-blob";
import type { FileDigest } from "./block-upload.ts";

/** The blob of an offered file in its terminal's container. */
export interface BlobLocation {
  /** `to-terminal/<sha256 prefix>/<random>/<name>`; the prefix is 32 hexadecimal digits of the content's SHA-256. */
  blob: string;
  /** Whether the blob holds the whole content already. */
  isUploaded: boolean;
}

const folderOf = ({ sha256 }: FileDigest) =>
  `to-terminal/${Buffer.from(sha256, "base64").toString("hex").slice(0, 32)}/`;

/** A blob name that was never used before, so that links to withdrawn files stay invalid. */
export function newBlobLocation(digest: FileDigest, name: string): BlobLocation {
  const random = randomBytes(8).toString("hex");
  return { blob: `${folderOf(digest)}${random}/${name}`, isUploaded: false };
}

/**
 * Finds the blob for a content under a name: the blob that holds it already, else the blob of an interrupted upload,
 * else a new one. The name of a deleted blob is never used again.
 */
export async function findBlobLocation(
  container: ContainerClient,
  digest: FileDigest,
  name: string,
): Promise<BlobLocation> {
  const folder = folderOf(digest);
  const listing = { prefix: folder, includeMetadata: true, includeUncommitedBlobs: true, includeCopy: true };
  let interrupted: string | undefined;
  for await (const { name: blob, properties, metadata } of container.listBlobsFlat(listing)) {
    if (!blob.endsWith(`/${name}`)) continue;
    const isCopied = properties.copyStatus === undefined || properties.copyStatus === "success";
    const hasContent = metadata?.sha256 === digest.sha256 && properties.contentLength === digest.size;
    const isUploaded = hasContent && isCopied;
    if (isUploaded) return { blob, isUploaded };
    // Blob names of earlier versions had no random part and were used again. They are not continued.
    const hasRandomPart = blob.slice(folder.length).includes("/");
    if (!metadata?.sha256 && hasRandomPart) interrupted ??= blob;
  }
  return interrupted === undefined ? newBlobLocation(digest, name) : { blob: interrupted, isUploaded: false };
}
