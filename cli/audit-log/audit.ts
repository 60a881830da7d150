import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { explain, type Permission } from "../azure/explain-error.ts";
import { OperatorError } from "../lib/operator-error.ts";
import type { AuditBlobs } from "./log-blobs.ts";
import { AuditReader } from "./log-reader.ts";
import type { AuditLogWriter } from "./log-writer.ts";
import type { PendingRecords, StoredRecords } from "./pending-records.ts";
import {
  type Actor,
  type ChangeDescription,
  type ChangeRecord,
  type ChangeResult,
  maxTerminalsPerRecord,
  redact,
  type TerminalFailure,
} from "./record.ts";

/** What becomes of a change when the audit log cannot be written: it is not begun, or it goes on all the same. */
export type IfUnwritable = "abort" | "continue";

/** How long a change that goes on all the same waits for the log, before its record is kept on this computer too. */
const patienceMs = 3_000;
/** How long the end of a change waits for records that are kept already. */
const longestEndMs = 15_000;

/**
 * Records changes: each one before it begins and after it has ended, so that one that was cut short shows. All
 * commands that change something go through `record`.
 */
export class Audit {
  /** For who reads the log. */
  readonly reader: AuditReader;
  private readonly parts: AuditParts;
  private drained: Promise<void> | undefined;
  private unfinished: Promise<unknown> = Promise.resolve();

  constructor(parts: AuditParts) {
    this.parts = parts;
    this.reader = new AuditReader(parts.blobs, parts.permission);
  }

  /**
   * Records a change, makes it, and records how it ended. An outcome that cannot be written to the log is kept on this
   * computer, and added by a later run.
   * @param about What is to be done. No secret.
   * @param work Makes the change. What it throws is recorded as the outcome, and thrown.
   * @param judge Tells the outcome from what `work` returned; default "done".
   * @param options.ifUnwritable Default "abort": without a record the change is not begun.
   * @throws OperatorError when the change was not begun.
   */
  async record<T>(
    about: ChangeDescription,
    work: (change: Change) => Promise<T>,
    judge: (value: T) => ChangeResult = () => ({ outcome: "done" }),
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
    await change.end(judge(value));
    return value;
  }

  /** Records that a change begins, for changes whose end is elsewhere; see `record`. */
  async begin(about: ChangeDescription, options: { ifUnwritable?: IfUnwritable } = {}): Promise<Change> {
    const told = { ...about, ...(about.reason === undefined ? {} : { reason: redact(about.reason) }) };
    const change = new Change(this, randomUUID(), told);
    await this.write(
      [await this.createRecord(change.id, { stage: "begin", about: told })],
      options.ifUnwritable,
    );
    return change;
  }

  /** A record as it is now. */
  async createRecord(change: string, what: Unstamped): Promise<ChangeRecord> {
    const at = new Date(this.parts.blobs.now()).toISOString();
    return { at, id: randomUUID(), change, who: await this.parts.who(), ...what };
  }

  /**
   * Writes records.
   * @param ifUnwritable "abort" throws when they cannot be written. "continue" keeps them on this computer when the log
   *   cannot be written, and says so, and also as long as it does not answer: when it resolves, a kill does not lose them.
   */
  async write(records: ChangeRecord[], ifUnwritable: IfUnwritable = "abort"): Promise<void> {
    const writing = this.append(records);
    if (ifUnwritable === "abort") {
      await writing.catch((thrown) => {
        throw notBegun(explain(thrown, "writing to the audit log", this.parts.permission));
      });
      return;
    }
    const written = writing.then(
      () => undefined,
      (thrown: unknown) => ({ thrown }),
    );
    const first = await Promise.race([written, sleep(patienceMs, "late" as const, { ref: false })]);
    if (first === undefined) return;
    const kept = await this.keep(records);
    if (first !== "late") return this.tellKept(first.thrown, kept);
    const settling = written.then(async (failure) => {
      if (failure) this.tellKept(failure.thrown, kept);
      else if ("remove" in kept) await kept.remove().catch(() => {});
    });
    this.unfinished = Promise.all([this.unfinished, settling]);
  }

  /**
   * Resolves when everything is in the log, or known not to be; after some seconds in any case. What is not in the log
   * is on this computer.
   */
  async flush(): Promise<void> {
    await Promise.race([this.unfinished, sleep(longestEndMs, undefined, { ref: false })]);
  }

  private async append(records: ChangeRecord[]): Promise<void> {
    this.drained ??= this.drain();
    await this.drained.catch((error) => {
      this.drained = undefined;
      throw error;
    });
    await this.parts.log.append(records);
  }

  /** Adds what earlier runs could not write. A kill in the middle adds it twice, under the same ids. */
  private async drain(): Promise<void> {
    const { pending, log, onTrouble } = this.parts;
    for await (const { path, records, remove } of pending.readAll()) {
      if (!records) {
        onTrouble(`${path} is damaged: it holds records for the audit log and was left where it is`);
        continue;
      }
      await log.append(records);
      await remove();
    }
  }

  private async keep(records: ChangeRecord[]): Promise<StoredRecords | { error: Error }> {
    try {
      return await this.parts.pending.store(records);
    } catch (error) {
      return { error: error as Error };
    }
  }

  private tellKept(thrown: unknown, kept: StoredRecords | { error: Error }): void {
    const { pending, onTrouble, permission } = this.parts;
    const told = explain(thrown, "writing to the audit log", permission);
    const why = told instanceof Error ? told.message : String(told);
    onTrouble(
      "error" in kept
        ? `${why}. It could not be kept on this computer either: ${kept.error.message}`
        : `${why}. The record is kept in ${pending.folder} and will be added by the next run.`,
    );
  }
}

export interface AuditParts {
  log: Pick<AuditLogWriter, "append">;
  blobs: AuditBlobs;
  pending: PendingRecords;
  /** Who is signed in; signs in when nobody is. */
  who(): Promise<Actor>;
  /** The right that writing takes, for the remedy of a 403. */
  permission(): Permission;
  /** Told, in words, when a record could not be written and the work went on. */
  onTrouble(message: string): void;
}

type Stage<S extends ChangeRecord["stage"]> = Omit<
  Extract<ChangeRecord, { stage: S }>,
  "at" | "id" | "change" | "who" | "late"
>;
type Unstamped = Stage<"begin"> | Stage<"before"> | Stage<"after"> | Stage<"end">;

/** A change that has begun. */
export class Change {
  readonly id: string;
  private readonly audit: Audit;
  private readonly about: ChangeDescription;

  constructor(audit: Audit, id: string, about: ChangeDescription) {
    this.audit = audit;
    this.id = id;
    this.about = about;
  }

  /**
   * Records that a part of the change begins, for changes of many terminals.
   * @param options.ifUnwritable Default "abort": what is not recorded must not begin.
   * @throws OperatorError when it cannot be recorded.
   */
  async before(terminals: string[], options: { ifUnwritable?: IfUnwritable } = {}): Promise<void> {
    const parts = chunks(terminals).map((terminals): Unstamped => ({ stage: "before", terminals }));
    await this.audit.write(await this.stamped(parts), options.ifUnwritable);
  }

  /** Records how a part has ended: the terminals that it was done for, and those for which it failed. */
  async after(done: string[], failed: TerminalFailure[] = []): Promise<void> {
    const parts: Unstamped[] = [
      ...chunks(done).map((terminals): Unstamped => ({ stage: "after", terminals })),
      ...chunks(failed).map(
        (some): Unstamped => ({
          stage: "after",
          terminals: [],
          failed: some.map((one) => ({ ...one, message: redact(one.message) })),
        }),
      ),
    ];
    if (parts.length > 0) await this.audit.write(await this.stamped(parts), "continue");
  }

  /** Records how it ended. */
  async end(result: ChangeResult): Promise<void> {
    const told = { ...result, ...(result.message === undefined ? {} : { message: redact(result.message) }) };
    const records = await this.stamped([{ stage: "end", about: this.about, result: told }]);
    await this.audit.write(records, "continue");
    await this.audit.flush();
  }

  private stamped(parts: Unstamped[]): Promise<ChangeRecord[]> {
    return Promise.all(parts.map((part) => this.audit.createRecord(this.id, part)));
  }
}

/** How an error ends a change, without anything that could hold a key. */
export function changeResultOf(error: unknown): ChangeResult {
  if (!(error instanceof OperatorError)) return { outcome: "failed", message: "a defect of the program" };
  const { outcome, message, code } = error;
  return {
    outcome: outcome === "interrupted" || outcome === "waiting" ? outcome : "failed",
    message: redact(message),
    ...(code ? { code } : {}),
  };
}

function notBegun(error: unknown): unknown {
  if (!(error instanceof OperatorError)) return error;
  const { outcome, message, code, remedy, cause } = error;
  const told = `nothing was changed, because it cannot be recorded: ${message}`;
  return new OperatorError(outcome, told, { code, remedy, cause });
}

function chunks<T>(all: T[]): T[][] {
  const count = Math.ceil(all.length / maxTerminalsPerRecord);
  return Array.from({ length: count }, (_, n) =>
    all.slice(n * maxTerminalsPerRecord, (n + 1) * maxTerminalsPerRecord),
  );
}
