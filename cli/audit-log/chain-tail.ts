import { type ChainHead, emptyChain, hashLine, parseLine } from "./chain.ts";
import { type AuditBlobs, firstBlobName } from "./log-blobs.ts";

/** The end of the log: where the next record is appended. */
export interface ChainTail {
  /** Name of the newest blob. */
  blob: string;
  /** Length of the blob in bytes. */
  length: number;
  blocks: number;
  head: ChainHead;
  /** The blob does not end with a line break, since something else than a record was appended. */
  endsMidLine: boolean;
  /** Name of the next blob; set when this one is closed. */
  next?: string;
}

/** Bytes to read from the end of a blob. Lines are much shorter, so that this contains the last ones. */
const tailBytes = 256 * 1024;

/** The tail of a blob without content. */
export function emptyTail(blob: string, head: ChainHead): ChainTail {
  return { blob, length: 0, blocks: 0, head, endsMidLine: false };
}

/** Finds the end of the log. Creates the first blob of an empty log. */
export async function findTail(blobs: AuditBlobs, month: string): Promise<ChainTail> {
  const listed = (await blobs.list()).blobs;
  const newest = listed.findLast(({ length }) => length > 0);
  const tail = newest && (await readTail(blobs, newest.name, newest.length));
  if (tail) return tail;
  const blob = listed.at(-1)?.name ?? firstBlobName(month);
  await blobs.create(blob);
  return emptyTail(blob, emptyChain);
}

/**
 * Reads the end of a blob.
 * @param length Length of the blob, as far as it is known.
 * @returns Undefined for an empty blob.
 */
export async function readTail(blobs: AuditBlobs, name: string, length = 0): Promise<ChainTail | undefined> {
  const offset = Math.max(0, length - tailBytes);
  const part = await blobs.read(name, offset);
  if (!part || part.bytes.length === 0) return undefined;
  return advanceTail({ ...emptyTail(name, emptyChain), length: offset }, part);
}

/**
 * The tail after bytes were appended to its blob. If they are not a valid record, the chain is broken there for good,
 * but later records continue from there.
 */
export function advanceTail(
  tail: ChainTail,
  { bytes, length, blocks }: { bytes: Buffer; length: number; blocks: number },
): ChainTail {
  const lines = bytes.toString("utf8").split("\n");
  const endsMidLine = lines.at(-1) !== "";
  if (!endsMidLine) lines.pop();
  const lastLine = lines.at(-1) ?? "";
  const lastRecord = parseLine(lastLine);
  const lastValid = lastRecord ?? lines.map(parseLine).findLast((record) => record !== undefined);
  const head = { sequence: lastValid?.sequence ?? tail.head.sequence, hash: hashLine(lastLine) };
  const next = lastRecord?.stage === "closed" ? lastRecord.next : undefined;
  return { blob: tail.blob, length, blocks, head, endsMidLine, next };
}
