import { explained, type Permission } from "../azure/explain-error.ts";
import { HashIndex } from "../lib/hash-index.ts";
import { OperatorError } from "../lib/operator-error.ts";
import { type ChainBreak, type ChainHead, ChainVerifier } from "./chain.ts";
import { type AuditBlobs, monthOf } from "./log-blobs.ts";
import type { Actor, AuditRecord, ChangeDescription, ChangeRecord, ChangeResult } from "./record.ts";

/** What a look at the whole chain found. */
export interface Verification {
  records: number;
  blobs: number;
  /** The oldest record that is left; undefined for an empty log. */
  first?: { sequence: number; at: string };
  /** The newest record. */
  last?: ChainHead & { at: string };
  broken?: ChainBreak;
  /** What is in the container and does not belong to the log. */
  foreignBlobs: string[];
  /** Whether the record that was asked for is in the chain. */
  containsExpected: boolean;
}

/** The audit log, for who reads it. */
export class AuditReader {
  private readonly blobs: AuditBlobs;
  private readonly permission: () => Permission;

  constructor(blobs: AuditBlobs, permission: () => Permission) {
    this.blobs = blobs;
    this.permission = permission;
  }

  /**
   * Follows the chain from its oldest record to its newest, or to the first link that does not hold.
   * @param expected The SHA-256 of a record that must be in it: what an earlier verification named as the last one
   *   shows that nothing was cut off the end since.
   */
  async verify(expected?: string): Promise<Verification> {
    const { blobs, strangers } = await this.list();
    const chain = new ChainVerifier();
    const found: Verification = {
      records: 0,
      blobs: blobs.length,
      foreignBlobs: strangers,
      containsExpected: expected === undefined,
    };
    for await (const { blob, line } of this.lines(blobs)) {
      const taken = chain.verifyNext(blob, line);
      if ("broken" in taken) return { ...found, broken: taken.broken };
      const { sequence, at } = taken.record;
      found.records++;
      found.first ??= { sequence, at };
      found.last = { ...(chain.head as ChainHead), at };
      if (chain.head?.hash === expected) found.containsExpected = true;
    }
    return found;
  }

  /**
   * The records of changes, each once, the oldest first.
   * @param since Leaves out what was recorded in earlier months.
   * @throws OperatorError when the part that is read is not a whole chain.
   */
  async *records(since?: Date): AsyncGenerator<AuditRecord & ChangeRecord> {
    const month = since?.toISOString().slice(0, 7) ?? "";
    const { blobs } = await this.list();
    const chain = new ChainVerifier();
    // What was kept on a computer may have been added by another run too, before or after.
    const seen = new HashIndex();
    for await (const { blob, line } of this.lines(blobs.filter((name) => monthOf(name) >= month))) {
      const taken = chain.verifyNext(blob, line);
      if ("broken" in taken) throw chainBrokenError(taken.broken);
      const { record } = taken;
      if (record.stage === "opened" || record.stage === "closed") continue;
      if (seen.set(record.id, record.sequence) === undefined) yield record;
    }
  }

  private async list(): Promise<{ blobs: string[]; strangers: string[] }> {
    const listing = explained(this.blobs.list(), "reading the audit log", this.permission);
    const { blobs, foreignBlobs: strangers } = await listing;
    return { blobs: blobs.map(({ name }) => name), strangers };
  }

  private async *lines(names: string[]): AsyncGenerator<{ blob: string; line: Buffer }> {
    for (const blob of names) {
      const lines = this.blobs.lines(blob);
      for (;;) {
        const { done, value } = await explained(lines.next(), `reading ${blob} of the audit log`);
        if (done) break;
        yield { blob, line: value };
      }
    }
  }
}

/** What a broken link means to whoever asked. */
export function chainBrokenError({ blob, line, reason }: ChainBreak): OperatorError {
  return new OperatorError("failed", `the audit log's chain is broken: line ${line} of ${blob} ${reason}`, {
    code: "AuditChainBroken",
    remedy:
      "What comes before that line is as it was written. Ask whoever owns the subscription who had more rights to the audit log than reading and adding; the storage account's logs say who wrote.",
  });
}

/** A change, put together from its records. */
export interface ChangeSummary {
  change: string;
  who: Actor;
  about: ChangeDescription;
  began?: string;
  ended?: string;
  /** Undefined when none is recorded: it is under way, or was cut short. */
  result?: ChangeResult;
  /** Terminals of its steps that were done, and that failed. */
  done: number;
  failed: number;
  /** Terminals of steps that began and have no outcome. */
  open: string[];
}

/** Which changes are wanted. */
export interface ChangeFilter {
  customer?: string;
  terminal?: string;
  since?: Date;
}

/** Puts records together to changes, and tells of those that are wanted. Memory grows with the open changes only. */
export class ChangeCollector {
  private readonly filter: ChangeFilter;
  private readonly under = new Map<string, ChangeSummary & { wanted: boolean; held: ChangeRecord[] }>();

  constructor(filter: ChangeFilter) {
    this.filter = filter;
  }

  /**
   * Takes the next record.
   * @returns The records that are wanted because of it, and the change when it has ended with it.
   */
  add(record: ChangeRecord): { records: ChangeRecord[]; ended?: ChangeSummary } {
    const { since } = this.filter;
    if (since && Date.parse(record.at) < since.getTime()) return { records: [] };
    const one = this.under.get(record.change) ?? {
      ...{ change: record.change, who: record.who, about: { command: "?" }, done: 0, failed: 0, open: [] },
      ...{ wanted: false, held: [] },
    };
    this.under.set(record.change, one);
    add(one, record);
    const concerns = this.concerns(one, record);
    if (!one.wanted && !concerns) {
      if (record.stage === "begin") one.held.push(record);
      if (record.stage === "end") this.under.delete(record.change);
      return { records: [] };
    }
    one.wanted = true;
    const isStep = record.stage === "before" || record.stage === "after";
    const records = one.held.splice(0);
    // Of a change of many terminals, only the steps that are about this one.
    if (concerns || !isStep) records.push(record);
    if (record.stage !== "end") return { records };
    this.under.delete(record.change);
    return { records, ended: one };
  }

  /** The wanted changes whose end is not recorded. */
  unfinished(): ChangeSummary[] {
    return [...this.under.values()].filter(({ wanted }) => wanted);
  }

  private concerns({ about }: ChangeSummary, record: ChangeRecord): boolean {
    const { customer, terminal } = this.filter;
    if (customer !== undefined && about.customer !== customer && !about.customers?.includes(customer)) {
      return false;
    }
    if (terminal === undefined) return true;
    if (about.terminals?.includes(terminal)) return true;
    if (record.stage !== "before" && record.stage !== "after") return false;
    const failed = record.stage === "after" ? (record.failed ?? []) : [];
    return record.terminals.includes(terminal) || failed.some((one) => one.terminal === terminal);
  }
}

function add(one: ChangeSummary, record: ChangeRecord): void {
  switch (record.stage) {
    case "begin":
      one.about = record.about;
      one.began = record.at;
      return;
    case "before":
      one.open.push(...record.terminals);
      return;
    case "after": {
      const failed = record.failed ?? [];
      const over = new Set([...record.terminals, ...failed.map(({ terminal }) => terminal)]);
      one.open = one.open.filter((terminal) => !over.has(terminal));
      one.done += record.terminals.length;
      one.failed += failed.length;
      return;
    }
    case "end":
      one.about = record.about;
      one.ended = record.at;
      one.result = record.result;
  }
}
