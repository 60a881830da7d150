import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { explain, type Permission } from "../azure/explain-error.ts";
import { reasonOf } from "../lib/file-errors.ts";
import { OperatorError } from "../lib/operator-error.ts";
import { t } from "../words/translate.ts";
import { Change, changeResultOf, type IfUnwritable, type RecordSink, type RecordStage } from "./change.ts";
import type { AuditBlobs } from "./log-blobs.ts";
import { AuditReader } from "./log-reader.ts";
import type { AuditLogWriter } from "./log-writer.ts";
import type { PendingRecords, StoredRecords } from "./pending-records.ts";
import {
  type Actor,
  type ChangeDescription,
  type ChangeRecord,
  type ChangeResult,
  redact,
} from "./record.ts";

/** How long a change waits for the audit log, in milliseconds. */
export interface AuditTimeouts {
  /** With `ifUnwritable: "continue"`: wait for the log before the record is stored on this computer too. */
  patienceMs: number;
  /** Wait at the end of a change for records that are stored on this computer already. */
  flushMs: number;
}

/** What an `Audit` consists of. */
export interface AuditParts {
  log: Pick<AuditLogWriter, "append">;
  blobs: AuditBlobs;
  pending: PendingRecords;
  /** The signed-in account. Signs in if necessary. */
  actor(): Promise<Actor>;
  /** The right that writing needs, for the message of a 403. */
  permission(): Permission;
  /** Called with a message when a record could not be written and the change continues. */
  onTrouble(message: string): void;
  timeouts: AuditTimeouts;
}

/**
 * Records changes in the audit log: each one before it begins and after it has ended, so that an interrupted one is
 * visible. Every command that changes something calls `record`.
 */
export class Audit implements RecordSink {
  readonly reader: AuditReader;
  private readonly parts: AuditParts;
  private pendingAdded: Promise<void> | undefined;
  private unfinishedWrites: Promise<unknown> = Promise.resolve();

  constructor(parts: AuditParts) {
    this.parts = parts;
    this.reader = new AuditReader(parts.blobs, parts.permission);
  }

  /**
   * Records that a change begins, runs it, and records how it ended. An outcome that cannot be written to the log is
   * stored on this computer, and a later run adds it.
   * @param about Describes the change. No secret.
   * @param work Runs the change. Its error is recorded as the outcome and thrown.
   * @param resultOf Derives the outcome from the value of `work`; default: "done".
   * @param options.ifUnwritable Default: "abort".
   * @throws OperatorError when the change did not begin.
   */
  async record<T>(
    about: ChangeDescription,
    work: (change: Change) => Promise<T>,
    resultOf: (value: T) => ChangeResult = () => ({ outcome: "done" }),
    options: { ifUnwritable?: IfUnwritable } = {},
  ): Promise<T> {
    const change = await this.begin(about, options);
    let value: T;
    try {
      value = await work(change);
    } catch (error) {
      await change.end(changeResultOf(error));
      throw error;
    }
    await change.end(resultOf(value));
    return value;
  }

  /** Records that a change begins. The caller calls `end` of the change. Prefer `record`. */
  async begin(about: ChangeDescription, options: { ifUnwritable?: IfUnwritable } = {}): Promise<Change> {
    const { reason } = about;
    const redacted = reason === undefined ? about : { ...about, reason: redact(reason) };
    const change = new Change(this, randomUUID(), redacted);
    const begin = await this.createRecord(change.id, { stage: "begin", about: redacted });
    await this.write([begin], options.ifUnwritable);
    return change;
  }

  /** Creates a record with the current time and the signed-in account. */
  async createRecord(change: string, stage: RecordStage): Promise<ChangeRecord> {
    const at = new Date(this.parts.blobs.now()).toISOString();
    return { at, id: randomUUID(), change, who: await this.parts.actor(), ...stage };
  }

  /**
   * Writes records to the log.
   * @param ifUnwritable "abort": throws when the log cannot be written. "continue": stores the records on this computer
   *   when the log cannot be written or does not answer in time. When it resolves, a kill does not lose the records.
   */
  async write(records: ChangeRecord[], ifUnwritable: IfUnwritable = "abort"): Promise<void> {
    const writing = this.append(records);
    if (ifUnwritable === "abort") {
      await writing.catch((thrown) => {
        throw notBegunError(explain(thrown, t`writing to the audit log`, this.parts.permission));
      });
      return;
    }
    const written = writing.then(
      () => undefined,
      (thrown: unknown) => ({ thrown }),
    );
    const { patienceMs } = this.parts.timeouts;
    const first = await Promise.race([written, sleep(patienceMs, "timeout" as const, { ref: false })]);
    if (first === undefined) return;
    const stored = await this.store(records);
    if (first !== "timeout") return this.reportStored(first.thrown, stored);
    const finishing = written.then(async (failure) => {
      if (failure) this.reportStored(failure.thrown, stored);
      else if ("remove" in stored) await stored.remove().catch(() => {});
    });
    this.unfinishedWrites = Promise.all([this.unfinishedWrites, finishing]);
  }

  /** Waits up to `flushMs` for unfinished writes. Records that are not in the log then are on this computer. */
  async flush(): Promise<void> {
    const { flushMs } = this.parts.timeouts;
    await Promise.race([this.unfinishedWrites, sleep(flushMs, undefined, { ref: false })]);
  }

  private async append(records: ChangeRecord[]): Promise<void> {
    this.pendingAdded ??= this.addPending();
    await this.pendingAdded.catch((error) => {
      this.pendingAdded = undefined;
      throw error;
    });
    await this.parts.log.append(records);
  }

  /** Adds the pending records of earlier runs. After a kill a record can be added twice, with the same ID. */
  private async addPending(): Promise<void> {
    const { pending, log, onTrouble } = this.parts;
    for await (const { path, records, remove } of pending.readAll()) {
      if (!records) {
        onTrouble(t`${path} is damaged. It holds records for the audit log and was not deleted.`);
        continue;
      }
      await log.append(records);
      await remove();
    }
  }

  private async store(records: ChangeRecord[]): Promise<StoredRecords | { error: Error }> {
    try {
      return await this.parts.pending.store(records);
    } catch (error) {
      return { error: error as Error };
    }
  }

  private reportStored(thrown: unknown, stored: StoredRecords | { error: Error }): void {
    const { pending, onTrouble, permission } = this.parts;
    const explained = explain(thrown, t`writing to the audit log`, permission);
    const reason = explained instanceof Error ? explained.message : String(explained);
    onTrouble(
      "error" in stored
        ? t`${reason}. The record could not be stored on this computer either: ${reasonOf(stored.error)}`
        : t`${reason}. The record is stored in ${pending.folder}, and the next changing command adds it to the log.`,
    );
  }
}

function notBegunError(error: unknown): unknown {
  if (!(error instanceof OperatorError)) return error;
  return error.about(t`nothing was changed, because the change cannot be recorded: `);
}
