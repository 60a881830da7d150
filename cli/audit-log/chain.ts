import { hash } from "node:crypto";
import { printableJson } from "../lib/printable.ts";
import { t } from "../words/translate.ts";
import { type AuditRecord, auditRecord, type RecordContent } from "./record.ts";

/** The end of the hash chain: the number of the last record and the SHA-256 of its line. */
export interface ChainHead {
  sequence: number;
  hash: string;
}

/** The head of a chain without records. */
export const emptyChain: ChainHead = { sequence: 0, hash: "0".repeat(64) };

/** Links a record to the chain. Returns its line, without a line break, and the new head. */
export function linkRecord(content: RecordContent, head: ChainHead): { line: string; head: ChainHead } {
  const sequence = head.sequence + 1;
  // A person may read the blob itself in a terminal.
  const line = printableJson({ sequence, previous: head.hash, ...content });
  return { line, head: { sequence, hash: hashLine(line) } };
}

/** SHA-256 of a line as it is in the blob, without its line break, in hexadecimal. */
export function hashLine(line: string | Buffer): string {
  return hash("sha256", line, "hex");
}

/** Parses a line; undefined when it is not a valid record. */
export function parseLine(line: string | Buffer): AuditRecord | undefined {
  try {
    const result = auditRecord.safeParse(JSON.parse(line.toString()));
    return result.success ? result.data : undefined;
  } catch {
    return undefined;
  }
}

/** The first broken link of a chain. */
export interface ChainBreak {
  blob: string;
  /** Line number, from 1. */
  line: number;
  /** A predicate, which follows "line N of BLOB". */
  reason: string;
}

/**
 * Verifies a chain line by line over all its blobs. It may start at any blob, since old blobs are deleted after the
 * retention time. From there, each record must follow the one before it, and each blob must open with its own name.
 */
export class ChainVerifier {
  /** The last valid record; undefined before the first. */
  head: ChainHead | undefined;
  private blob = "";
  private line = 0;

  /** @returns The record, or the first broken link. After a broken link nothing more can be verified. */
  verifyNext(blob: string, line: string | Buffer): { record: AuditRecord } | { broken: ChainBreak } {
    const isFirst = blob !== this.blob;
    this.line = isFirst ? 1 : this.line + 1;
    this.blob = blob;
    const broken = (reason: string) => ({ broken: { blob, line: this.line, reason } });

    const record = parseLine(line);
    if (!record) return broken(t`is not a valid record`);
    if (isFirst !== (record.stage === "opened")) {
      return broken(
        isFirst ? t`is the first line but does not open the blob` : t`opens the blob a second time`,
      );
    }
    if (record.stage === "opened" && record.blob !== blob)
      return broken(t`opens another blob, ${record.blob}`);
    const before = this.head ?? (record.sequence === 1 ? emptyChain : undefined);
    if (before && record.sequence !== before.sequence + 1) {
      return broken(t`has the sequence number ${record.sequence}, expected ${before.sequence + 1}`);
    }
    if (before && record.previous !== before.hash) {
      return broken(t`does not contain the SHA-256 of the record before it`);
    }
    this.head = { sequence: record.sequence, hash: hashLine(line) };
    return { record };
  }
}
