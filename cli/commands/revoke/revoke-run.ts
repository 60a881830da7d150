import pMap from "p-map";
import type { ChangeResult, TerminalFailure } from "../../audit-log/record.ts";
import type { Fleet } from "../../azure/fleet.ts";
import { timeAtPace } from "../../azure/iot-hub/pacing.ts";
import { OperatorError } from "../../lib/operator-error.ts";
import { type AccessPathResult, revoke } from "../../lifecycle/revoke.ts";
import { errorValue, indent, type Output } from "../../terminal-ui/output.ts";
import { Progress } from "../../terminal-ui/progress.ts";

/** The hub's registry has its own pace; beyond that, so many terminals are worked on together. */
const terminalsAtOnce = 32;
/** Terminals that get in still and that an error names. */
const namedAtMost = 20;
const again = "Run this again: closing what is closed does no harm.";

export interface RevokeRunOptions {
  fleet: Fleet;
  output: Output;
  options: { reason: string };
  /** Whose row to close, for a terminal that the hub does not know any more. */
  customer: string | undefined;
  signal: AbortSignal;
  waitMs: number;
  /** Whose Flow rows there are, where that was found out for all together. */
  customers?: ReadonlyMap<string, string[]>;
  /** Terminals that stay as they are, because they are another customer's by the hub's tag. */
  elsewhere?: ReadonlyMap<string, string>;
}

/** One run that shuts out terminals. */
export class RevokeRun {
  readonly targets: string[];
  readonly closed: string[] = [];
  private readonly given: RevokeRunOptions;
  private readonly open: { terminal: string; error: OperatorError }[] = [];
  /** Begun, and ended by Ctrl-C before all doors were closed. */
  private readonly cutShort: { terminal: string; error: OperatorError }[] = [];
  private gone = 0;
  private progress: Progress | undefined;
  private readonly startedAt = Date.now();

  constructor(targets: string[], given: RevokeRunOptions) {
    this.targets = targets;
    this.given = given;
    for (const [terminal, owner] of given.elsewhere ?? [])
      this.open.push({ terminal, error: foreign(terminal, owner) });
  }

  async all(): Promise<void> {
    const { fleet, output } = this.given;
    if (!this.isSingle) {
      const { registryOperationsPerMinute: perMinute } = fleet;
      this.progress = new Progress({
        total: this.targets.length,
        firstGuessSeconds: timeAtPace(this.targets.length, perMinute) / 1000,
        quiet: output.json,
      });
    }
    try {
      await pMap(this.targets, (terminal) => this.one(terminal), { concurrency: terminalsAtOnce });
    } finally {
      this.progress?.stop();
    }
  }

  /** Those that are not shut out, as the change's record names them. */
  failures(): TerminalFailure[] {
    return [...this.open, ...this.cutShort].map(({ terminal, error }) => ({
      terminal,
      message: error.message,
    }));
  }

  /** How it ended, for the record. */
  result(): ChangeResult {
    const { closed, open, left } = this.counts();
    const details = { closed, open, ...(left > 0 ? { left } : {}) };
    const message = this.open[0]?.error.message;
    if (left > 0) return { outcome: "interrupted", ...(message ? { message } : {}), details };
    return message ? { outcome: "failed", message, details } : { outcome: "done", details };
  }

  /** @throws OperatorError when not all is done. */
  tell(): void {
    const seconds = (Date.now() - this.startedAt) / 1000;
    const counts = this.counts();
    const { terminals, closed, open, cutShort, notTried, left } = counts;
    const subject = this.isSingle ? this.targets[0] : `${terminals} terminals`;
    const doors = this.isSingle ? "all three doors are closed" : "all their doors are closed";
    const parts = [
      `${closed} of ${terminals} terminals are shut out`,
      ...(open > 0 ? [`${open} still get in`] : []),
      ...(cutShort > 0 ? [`${cutShort} cut short`] : []),
      ...(notTried > 0 ? [`${notTried} not tried`] : []),
    ];
    const whole = open + left === 0 ? `${subject}: ${doors}` : parts.join(", ");
    this.given.output.result("revoked", { ...counts, seconds }, `${whole}, in ${seconds.toFixed(1)} s`);
    const [only] = [...this.open, ...this.cutShort];
    if (only && this.isSingle) throw only.error;
    if (left > 0) {
      const message = `interrupted: ${left + open} of ${terminals} terminals are not shut out`;
      throw new OperatorError("interrupted", [message, ...this.names()].join("\n"), { remedy: again });
    }
    if (only) {
      const message = `${open} of ${terminals} terminals are not shut out:`;
      const { outcome, remedy } = only.error;
      throw new OperatorError(outcome, [message, ...this.names()].join("\n"), { remedy });
    }
  }

  private get isSingle(): boolean {
    return this.targets.length === 1 && !this.given.elsewhere?.size;
  }

  private counts() {
    const open = this.open.length;
    const closed = this.closed.length;
    const cutShort = this.cutShort.length;
    const terminals = this.targets.length + (this.given.elsewhere?.size ?? 0);
    const notTried = terminals - closed - open - cutShort - this.gone;
    const { gone } = this;
    return { terminals, closed, open, gone, cutShort, notTried, left: cutShort + notTried };
  }

  private names(): string[] {
    const names = this.open.slice(0, namedAtMost).map(({ error }) => `  ${error.message}`);
    return this.open.length > namedAtMost
      ? [...names, `  and ${this.open.length - namedAtMost} more`]
      : names;
  }

  private async one(terminal: string): Promise<void> {
    const { fleet, signal, options, customer, waitMs, customers } = this.given;
    if (signal.aborted) return;
    const doors = await revoke(terminal, fleet, {
      reason: options.reason,
      customer,
      waitMs,
      ...(customers ? { customersOf: async (id) => customers.get(id) ?? [] } : {}),
      onResult: (door) => this.show(terminal, door),
    });
    const error = judged(terminal, doors);
    // The hub's index lists devices that were deleted a while ago: nobody asked for these by name.
    if (error?.code === "NoSuchTerminal" && customers) {
      this.gone++;
      this.say(() => this.given.output.note(`${terminal} is nowhere any more`));
    } else if (error?.outcome === "interrupted") this.cutShort.push({ terminal, error });
    else if (error) this.open.push({ terminal, error });
    else this.closed.push(terminal);
    this.progress?.count(error !== undefined && error.code !== "NoSuchTerminal");
  }

  private show(
    terminal: string,
    { accessPath: door, closed, known, what, ms, error }: AccessPathResult,
  ): void {
    const { output } = this.given;
    // Of many, people want to hear of those that stay open.
    if (!this.isSingle && !output.json && (closed || error?.outcome === "interrupted")) return;
    const seconds = ms / 1000;
    const value = {
      ...{ terminal, door, closed, known, what, seconds },
      ...(error ? { error: errorValue(error) } : {}),
    };
    const state = closed ? (known ? "closed" : "unknown") : "OPEN";
    const line = `${door.padEnd(5)}  ${state.padEnd(7)}  ${seconds.toFixed(1)} s  ${what}`;
    this.say(() => {
      output.result("door", value, this.isSingle ? line : `${terminal}  ${line}`);
      if (error?.remedy) output.note(indent(error.remedy));
    });
  }

  private say(write: () => void): void {
    if (this.progress) this.progress.above(write);
    else write();
  }
}

/** Undefined when the terminal is shut out. */
function judged(terminal: string, doors: AccessPathResult[]): OperatorError | undefined {
  if (doors.every(({ known, closed }) => closed && !known)) {
    return new OperatorError("failed", `no door knows a terminal ${terminal}`, {
      code: "NoSuchTerminal",
      remedy: "Is it spelled right? `terminals status` lists the terminals.",
    });
  }
  const open = doors.filter(({ closed }) => !closed);
  if (open.length === 0) return undefined;
  const names = open.map(({ accessPath: door }) => door).join(" and ");
  const outcome = open.find(({ error }) => error?.outcome !== "interrupted")?.error?.outcome ?? "interrupted";
  return new OperatorError(outcome, `${terminal} still gets in by: ${names}`, { remedy: again });
}

/** A terminal with a Flow row of the customer that was meant, which is another customer's by the hub's tag. */
export function foreign(terminal: string, owner: string): OperatorError {
  return new OperatorError("failed", `${terminal} is ${owner}'s by the hub's tag, and was left as it is`, {
    remedy: `A Flow row says otherwise. See whose it is (\`terminals status\`), and revoke it by its id.`,
  });
}
