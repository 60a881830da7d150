import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import type { BlockBlobClient } from "@azure/storage-blob";
import pMap from "p-map";
import { OperatorError, statusOf } from "../lib/errors.ts";
import { fileError } from "../lib/file-errors.ts";
import { interruptedError } from "./interrupted-transfer.ts";

/** A block blob takes 50,000 blocks, so a file can have 400 GB. */
const blockBytes = 8 * 1024 * 1024;
const blocksAtOnce = 4;

/** A file's content, read once: what it is offered by, and what each of its blocks must be. */
export interface FileDigest {
  size: number;
  /** Base64. */
  sha256: string;
  /** SHA-256 of each block of `blockBytes`. */
  blocks: Buffer[];
}

/** How far it is, in bytes since the last call. */
export type OnBytes = (bytes: number) => void;

/**
 * Reads a file once, in constant memory.
 * @throws OperatorError when it cannot be read, or `signal` is aborted.
 */
export async function digestFile(path: string, onBytes: OnBytes, signal?: AbortSignal): Promise<FileDigest> {
  await using file = await openFile(path);
  const whole = createHash("sha256");
  const blocks: Buffer[] = [];
  const buffer = Buffer.allocUnsafe(blockBytes);
  for (let size = 0; ; ) {
    throwIfInterrupted(signal);
    const block = buffer.subarray(0, await fill(file, path, buffer, size));
    if (block.length > 0) {
      whole.update(block);
      blocks.push(hash(block));
      onBytes(block.length);
      size += block.length;
    }
    if (block.length < blockBytes) return { size, sha256: whole.digest("base64"), blocks };
  }
}

/**
 * Puts a file into a blob that is not there yet, block by block. A block's id is its number and its SHA-256, so that a
 * run after an interrupted one finds what is there already and sends the rest; storage keeps blocks of unfinished blobs
 * for a week.
 * @throws OperatorError when the file is not as it was when `digest` was made, or `signal` is aborted.
 */
export async function uploadBlocks(
  blob: BlockBlobClient,
  path: string,
  digest: FileDigest,
  onBytes: OnBytes,
  signal?: AbortSignal,
): Promise<void> {
  await using file = await openFile(path);
  const whole = { metadata: { sha256: digest.sha256 }, conditions: { ifNoneMatch: "*" } };
  if (digest.blocks.length <= 1) {
    const content = await readBlock(file, path, digest, 0);
    await unlessThere(blob, digest, blob.upload(content, content.length, { ...whole, abortSignal: signal }));
    onBytes(content.length);
    return;
  }
  const ids = digest.blocks.map(blockId);
  const there = await stagedBlocks(blob);
  await pMap(
    ids.keys(),
    async (number) => {
      throwIfInterrupted(signal);
      const length = blockLength(digest, number);
      if (there.get(ids[number] as string) !== length) {
        const block = await readBlock(file, path, digest, number);
        await blob.stageBlock(ids[number] as string, block, length, { abortSignal: signal });
      }
      onBytes(length);
    },
    { concurrency: blocksAtOnce, ...(signal ? { signal } : {}) },
  ).catch((error) => {
    throwIfInterrupted(signal);
    throw error;
  });
  await unlessThere(blob, digest, blob.commitBlockList(ids, whole));
}

/** It is no error when the content is there: the answer to an earlier try was lost, or another run has completed it. */
async function unlessThere(
  blob: BlockBlobClient,
  digest: FileDigest,
  putting: Promise<unknown>,
): Promise<void> {
  try {
    await putting;
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
  const bytes = await fill(file, path, block, number * blockBytes);
  const expected = digest.blocks[number];
  if (bytes !== block.length || (expected && !hash(block).equals(expected))) {
    throw new OperatorError("failed", `${path} was changed while it was sent`);
  }
  return block;
}

/** All ids of a blob must have the same length, and 64 bytes at most before they are encoded. */
function blockId(sha256: Buffer, number: number): string {
  const prefix = Buffer.alloc(4);
  prefix.writeUInt32BE(number);
  return Buffer.concat([prefix, sha256]).toString("base64");
}

async function stagedBlocks(blob: BlockBlobClient): Promise<Map<string, number>> {
  try {
    const { uncommittedBlocks = [] } = await blob.getBlockList("uncommitted");
    return new Map(uncommittedBlocks.map(({ name, size }) => [name, size]));
  } catch (error) {
    if (statusOf(error) === 404) return new Map();
    throw error;
  }
}

function openFile(path: string): Promise<FileHandle> {
  return readable(path, open(path, "r"));
}

async function readable<T>(path: string, reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    throw fileError(path, "read", error);
  }
}

async function fill(file: FileHandle, path: string, buffer: Buffer, position: number): Promise<number> {
  let filled = 0;
  while (filled < buffer.length) {
    const length = buffer.length - filled;
    const { bytesRead } = await readable(path, file.read(buffer, filled, length, position + filled));
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return filled;
}

function hash(block: Buffer): Buffer {
  return createHash("sha256").update(block).digest();
}

function throwIfInterrupted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw interruptedError();
}
