import { createHash } from "node:crypto";
import { type AuditRecord, auditRecord, type RecordContent } from "./record.ts";

/** The end of the chain: the number of its last record and the SHA-256 of that record's line. */
export interface ChainHead {
  sequence: number;
  hash: string;
}

/** Before the first record. */
export const emptyChain: ChainHead = { sequence: 0, hash: "0".repeat(64) };

/** Hangs a record onto the chain; returns its line, without a line break, and the new head. */
export function linkRecord(content: RecordContent, head: ChainHead): { line: string; head: ChainHead } {
  const sequence = head.sequence + 1;
  const line = JSON.stringify({ sequence, previous: head.hash, ...content });
  return { line, head: { sequence, hash: hashLine(line) } };
}

/** SHA-256 of a line, without its line break, as it is in the blob. */
export function hashLine(line: string | Buffer): string {
  return createHash("sha256").update(line).digest("hex");
}

/** A line as a record; undefined when it is none. */
export function parseLine(line: string | Buffer): AuditRecord | undefined {
  try {
    const result = auditRecord.safeParse(JSON.parse(line.toString()));
    return result.success ? result.data : undefined;
  } catch {
    return undefined;
  }
}

/** A link that does not hold. */
export interface ChainBreak {
  blob: string;
  /** Counted from 1. */
  line: number;
  reason: string;
}

/**
 * Follows a chain, line by line, over all its blobs. It may begin with any blob, since they are deleted when their time
 * is over; from there on each record must follow on the one before, and each blob begin with the line that names it.
 */
export class ChainVerifier {
  /** The last record that was taken; undefined before the first. */
  head: ChainHead | undefined;
  private blob = "";
  private line = 0;

  /** @returns The record, or the first link that does not hold; nothing after that can be judged. */
  verifyNext(blob: string, line: string | Buffer): { record: AuditRecord } | { broken: ChainBreak } {
    const isFirst = blob !== this.blob;
    this.line = isFirst ? 1 : this.line + 1;
    this.blob = blob;
    const broken = (reason: string) => ({ broken: { blob, line: this.line, reason } });

    const found = parseLine(line);
    if (!found) return broken("is not a record");
    if (isFirst !== (found.stage === "opened")) {
      return broken(isFirst ? "is not the first line of a blob" : "is the first line of a blob");
    }
    if (found.stage === "opened" && found.blob !== blob) return broken(`belongs to ${found.blob}`);
    const before = this.head ?? (found.sequence === 1 ? emptyChain : undefined);
    if (before && found.sequence !== before.sequence + 1) {
      return broken(`has the number ${found.sequence} where ${before.sequence + 1} follows`);
    }
    if (before && found.previous !== before.hash) {
      return broken("does not hold the SHA-256 of the record before it");
    }
    this.head = { sequence: found.sequence, hash: hashLine(line) };
    return { record: found };
  }
}
