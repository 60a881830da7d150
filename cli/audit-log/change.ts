import { OperatorError } from "../lib/operator-error.ts";
import { inEnglish } from "../words/translate.ts";
import {
  type ChangeDescription,
  type ChangeRecord,
  type ChangeResult,
  maxTerminalsPerRecord,
  redact,
  type TerminalFailure,
} from "./record.ts";

/** What happens if the audit log cannot be written: the change does not begin, or it continues all the same. */
export type IfUnwritable = "abort" | "continue";

type Stage<S extends ChangeRecord["stage"]> = Omit<
  Extract<ChangeRecord, { stage: S }>,
  "at" | "id" | "change" | "who" | "late"
>;

/** The part of a record that its change determines, without time, IDs and actor. */
export type RecordStage = Stage<"begin"> | Stage<"before"> | Stage<"after"> | Stage<"end">;

/** The audit log, as a change writes to it. */
export interface RecordSink {
  createRecord(change: string, stage: RecordStage): Promise<ChangeRecord>;
  write(records: ChangeRecord[], ifUnwritable?: IfUnwritable): Promise<void>;
  flush(): Promise<void>;
}

/** A change that has begun. */
export class Change {
  readonly id: string;
  private readonly sink: RecordSink;
  private readonly about: ChangeDescription;

  constructor(sink: RecordSink, id: string, about: ChangeDescription) {
    this.sink = sink;
    this.id = id;
    this.about = about;
  }

  /**
   * Records that a step of the change begins, for changes of many terminals.
   * @param options.ifUnwritable Default: "abort", and the step must not begin.
   * @throws OperatorError when the step cannot be recorded.
   */
  async before(terminals: string[], options: { ifUnwritable?: IfUnwritable } = {}): Promise<void> {
    const stages = split(terminals).map((terminals): RecordStage => ({ stage: "before", terminals }));
    await this.sink.write(await this.createRecords(stages), options.ifUnwritable);
  }

  /** Records how a step ended: the terminals for which it succeeded, and those for which it failed. */
  async after(done: string[], failed: TerminalFailure[] = []): Promise<void> {
    const stages: RecordStage[] = [
      ...split(done).map((terminals): RecordStage => ({ stage: "after", terminals })),
      ...split(failed).map(
        (part): RecordStage => ({
          stage: "after",
          terminals: [],
          failed: part.map((one) => ({ ...one, message: redact(inEnglish(one.message)) })),
        }),
      ),
    ];
    if (stages.length > 0) await this.sink.write(await this.createRecords(stages), "continue");
  }

  /** Records how the change ended. */
  async end(result: ChangeResult): Promise<void> {
    const { message } = result;
    const redacted = message === undefined ? result : { ...result, message: redact(inEnglish(message)) };
    const records = await this.createRecords([{ stage: "end", about: this.about, result: redacted }]);
    await this.sink.write(records, "continue");
    await this.sink.flush();
  }

  private createRecords(stages: RecordStage[]): Promise<ChangeRecord[]> {
    return Promise.all(stages.map((stage) => this.sink.createRecord(this.id, stage)));
  }
}

/** The result of a change that ended with an error. It contains nothing that could be a secret. */
export function changeResultOf(error: unknown): ChangeResult {
  if (!(error instanceof OperatorError)) return { outcome: "failed", message: "a defect of the program" };
  const { outcome, message, code } = error;
  return {
    outcome: outcome === "interrupted" || outcome === "waiting" ? outcome : "failed",
    message: redact(inEnglish(message)),
    code,
  };
}

/** Splits terminals into parts that fit into one record each. */
function split<T>(all: T[]): T[][] {
  const count = Math.ceil(all.length / maxTerminalsPerRecord);
  return Array.from({ length: count }, (_, n) =>
    all.slice(n * maxTerminalsPerRecord, (n + 1) * maxTerminalsPerRecord),
  );
}
