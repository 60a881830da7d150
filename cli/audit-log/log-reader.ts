import { explained, type Permission } from "../azure/explain-error.ts";
import { HashIndex } from "../lib/hash-index.ts";
import { OperatorError } from "../lib/operator-error.ts";
import { t } from "../words/translate.ts";
import { type ChainBreak, type ChainHead, ChainVerifier } from "./chain.ts";
import { type AuditBlobs, monthOf } from "./log-blobs.ts";
import type { AuditRecord, ChangeRecord } from "./record.ts";

/** The result of verifying the whole hash chain. */
export interface Verification {
  records: number;
  blobs: number;
  /** The oldest record in the log; undefined for an empty log. */
  first?: { sequence: number; at: string };
  /** The newest record. */
  last?: ChainHead & { at: string };
  broken?: ChainBreak;
  /** Names of blobs in the container that are not part of the log. */
  foreignBlobs: string[];
  /** Whether the chain contains the expected record; true when none was given. */
  containsExpected: boolean;
}

/** Reads and verifies the audit log. */
export class AuditReader {
  private readonly blobs: AuditBlobs;
  private readonly permission: () => Permission;

  constructor(blobs: AuditBlobs, permission: () => Permission) {
    this.blobs = blobs;
    this.permission = permission;
  }

  /**
   * Verifies the chain from its oldest record to its newest, or to the first broken link.
   * @param expected SHA-256 of a record that the chain must contain. With the last record of an earlier verification
   *   this shows that no record was cut off since.
   */
  async verify(expected?: string): Promise<Verification> {
    const { blobs, foreignBlobs } = await this.list();
    const chain = new ChainVerifier();
    const verification: Verification = {
      records: 0,
      blobs: blobs.length,
      foreignBlobs,
      containsExpected: expected === undefined,
    };
    for await (const { blob, line } of this.lines(blobs)) {
      const verified = chain.verifyNext(blob, line);
      if ("broken" in verified) return { ...verification, broken: verified.broken };
      const { sequence, at } = verified.record;
      verification.records++;
      verification.first ??= { sequence, at };
      verification.last = { ...(chain.head as ChainHead), at };
      if (chain.head?.hash === expected) verification.containsExpected = true;
    }
    return verification;
  }

  /**
   * Reads the records of changes, each once, the oldest first.
   * @param since Skips the records of earlier months.
   * @throws OperatorError when the chain is broken in the part that is read.
   */
  async *records(since?: Date): AsyncGenerator<AuditRecord & ChangeRecord> {
    const month = since?.toISOString().slice(0, 7) ?? "";
    const { blobs } = await this.list();
    const chain = new ChainVerifier();
    // A pending record can be in the log twice: two runs may have added it.
    const seen = new HashIndex();
    for await (const { blob, line } of this.lines(blobs.filter((name) => monthOf(name) >= month))) {
      const verified = chain.verifyNext(blob, line);
      if ("broken" in verified) throw chainBrokenError(verified.broken);
      const { record } = verified;
      if (record.stage === "opened" || record.stage === "closed") continue;
      if (seen.set(record.id, record.sequence) === undefined) yield record;
    }
  }

  private async list(): Promise<{ blobs: string[]; foreignBlobs: string[] }> {
    const listing = explained(this.blobs.list(), t`reading the audit log`, this.permission);
    const { blobs, foreignBlobs } = await listing;
    return { blobs: blobs.map(({ name }) => name), foreignBlobs };
  }

  private async *lines(names: string[]): AsyncGenerator<{ blob: string; line: Buffer }> {
    for (const blob of names) {
      const lines = this.blobs.lines(blob);
      for (;;) {
        const { done, value } = await explained(lines.next(), t`reading ${blob} of the audit log`);
        if (done) break;
        yield { blob, line: value };
      }
    }
  }
}

/** The error of a broken hash chain. */
export function chainBrokenError({ blob, line, reason }: ChainBreak): OperatorError {
  return new OperatorError(
    "failed",
    t`the hash chain of the audit log is broken: line ${line} of ${blob} ${reason}`,
    {
      code: "AuditChainBroken",
      remedy: t`The records before that line are as they were written. Ask the owner of the subscription which accounts had more rights to the audit log than reading and adding. The storage account's logs name who wrote.`,
    },
  );
}
