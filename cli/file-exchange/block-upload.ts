import { createHash, hash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import type { BlockBlobClient } from "@azure/storage-blob";
import pMap from "p-map";
import { statusOf } from "../azure/explain-error.ts";
import { fileError } from "../lib/file-errors.ts";
import { OperatorError } from "../lib/operator-error.ts";
import { t } from "../words/translate.ts";
import { interruptedError } from "./interrupted-transfer.ts";

/** A block blob has at most 50,000 blocks, so a file can have 400 GB. */
const blockBytes = 8 * 1024 * 1024;
const concurrentBlocks = 4;

/** Size and hashes of a file's content. */
export interface FileDigest {
  size: number;
  /** Base64. */
  sha256: string;
  /** SHA-256 of each block of `blockBytes`. */
  blocks: Buffer[];
}

/** Reports progress: the number of bytes since the last call. */
export type OnBytes = (bytes: number) => void;

/**
 * Reads a file once, in constant memory.
 * @throws OperatorError when the file cannot be read, or `signal` is aborted.
 */
export async function digestFile(path: string, onBytes: OnBytes, signal?: AbortSignal): Promise<FileDigest> {
  await using file = await openFile(path);
  const fileHash = createHash("sha256");
  const blocks: Buffer[] = [];
  const buffer = Buffer.allocUnsafe(blockBytes);
  for (let size = 0; ; ) {
    throwIfInterrupted(signal);
    const block = buffer.subarray(0, await fillBuffer(file, path, buffer, size));
    if (block.length > 0) {
      fileHash.update(block);
      blocks.push(hashBlock(block));
      onBytes(block.length);
      size += block.length;
    }
    if (block.length < blockBytes) return { size, sha256: fileHash.digest("base64"), blocks };
  }
}

/**
 * Uploads a file to a blob that does not exist yet, block by block. A block's ID holds its number and its SHA-256, so
 * that an upload after an interrupted one sends only the missing blocks. Azure Storage keeps uncommitted blocks for a
 * week.
 * @throws OperatorError when the file differs from `digest`, or `signal` is aborted.
 */
export async function uploadBlocks(
  blob: BlockBlobClient,
  path: string,
  digest: FileDigest,
  onBytes: OnBytes,
  signal?: AbortSignal,
): Promise<void> {
  await using file = await openFile(path);
  const options = { metadata: { sha256: digest.sha256 }, conditions: { ifNoneMatch: "*" } };
  if (digest.blocks.length <= 1) {
    const content = await readBlock(file, path, digest, 0);
    const upload = blob.upload(content, content.length, { ...options, abortSignal: signal });
    await acceptExistingBlob(blob, digest, upload);
    onBytes(content.length);
    return;
  }
  const ids = digest.blocks.map(blockId);
  const staged = await listStagedBlocks(blob);
  await pMap(
    ids.keys(),
    async (number) => {
      throwIfInterrupted(signal);
      const length = blockLength(digest, number);
      if (staged.get(ids[number] as string) !== length) {
        const block = await readBlock(file, path, digest, number);
        await blob.stageBlock(ids[number] as string, block, length, { abortSignal: signal });
      }
      onBytes(length);
    },
    { concurrency: concurrentBlocks, signal },
  ).catch((error) => {
    throwIfInterrupted(signal);
    throw error;
  });
  await acceptExistingBlob(blob, digest, blob.commitBlockList(ids, options));
}

/**
 * Treats an existing blob with the same content as success: an earlier request succeeded but its answer was lost, or
 * another run completed the blob.
 */
export async function acceptExistingBlob(
  blob: BlockBlobClient,
  digest: FileDigest,
  upload: Promise<unknown>,
): Promise<void> {
  try {
    await upload;
  } catch (error) {
    const { code } = error as { code?: string };
    if (statusOf(error) !== 412 && code !== "BlobAlreadyExists") throw error;
    if ((await blob.getProperties()).metadata?.sha256 !== digest.sha256) throw error;
  }
}

function blockLength(digest: FileDigest, number: number): number {
  return Math.min(blockBytes, digest.size - number * blockBytes);
}

async function readBlock(
  file: FileHandle,
  path: string,
  digest: FileDigest,
  number: number,
): Promise<Buffer> {
  const block = Buffer.allocUnsafe(blockLength(digest, number));
  const bytes = await fillBuffer(file, path, block, number * blockBytes);
  const expected = digest.blocks[number];
  if (bytes !== block.length || (expected && !hashBlock(block).equals(expected))) {
    throw new OperatorError("failed", t`${path} was changed during the upload`, {
      remedy: t`Send it again.`,
    });
  }
  return block;
}

/** All block IDs of a blob must have the same length, at most 64 bytes before the base64 encoding. */
function blockId(sha256: Buffer, number: number): string {
  const prefix = Buffer.alloc(4);
  prefix.writeUInt32BE(number);
  return Buffer.concat([prefix, sha256]).toString("base64");
}

/** The uncommitted blocks of an interrupted upload, as sizes by block ID. */
async function listStagedBlocks(blob: BlockBlobClient): Promise<Map<string, number>> {
  try {
    const { uncommittedBlocks = [] } = await blob.getBlockList("uncommitted");
    return new Map(uncommittedBlocks.map(({ name, size }) => [name, size]));
  } catch (error) {
    if (statusOf(error) === 404) return new Map();
    throw error;
  }
}

function openFile(path: string): Promise<FileHandle> {
  return explainReadError(path, open(path, "r"));
}

async function explainReadError<T>(path: string, reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    throw fileError(path, "read", error);
  }
}

/** Reads from `position` until the buffer is full or the file ends, and returns the number of bytes. */
async function fillBuffer(file: FileHandle, path: string, buffer: Buffer, position: number): Promise<number> {
  let filled = 0;
  while (filled < buffer.length) {
    const length = buffer.length - filled;
    const { bytesRead } = await explainReadError(path, file.read(buffer, filled, length, position + filled));
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return filled;
}

function hashBlock(block: Buffer): Buffer {
  return hash("sha256", block, "buffer");
}

function throwIfInterrupted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw interruptedError();
}
