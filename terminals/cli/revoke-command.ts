import pMap from "p-map";
import { mostTerminals, type Result } from "../audit/record.ts";
import { OperatorError } from "../errors.ts";
import { withdraw } from "../files/exchange.ts";
import type { Fleet } from "../fleet.ts";
import { type Door, longestReason, revoke } from "../life/revoke.ts";
import { select } from "../life/selection.ts";
import { confirm } from "./ask.ts";
import { checkedCustomer, checkedNumber, checkedReason, checkedTerminal } from "./checks.ts";
import { errorValue, indent, Output } from "./output.ts";
import { connectTo, type StackOptions } from "./stack.ts";

export interface RevokeOptions extends StackOptions {
  reason: string;
  customer?: string;
  site?: string;
  /** An offer's id: that file alone is revoked. */
  file?: string;
  /** Seconds to wait for the hub to drop a live connection. */
  wait: number;
  yes?: boolean;
}

/** The hub's registry has its own pace; beyond that, so many terminals are worked on together. */
const terminalsAtOnce = 32;

/**
 * `revoke`: closes the three doors to a terminal, or to all of a customer or site, and says of each whether it is.
 * @throws OperatorError when a door is not.
 */
export async function revokeCommand(
  given: string | undefined,
  options: RevokeOptions,
  signal: AbortSignal,
): Promise<void> {
  const terminal = given === undefined ? undefined : checkedTerminal(given);
  const customer = checkedCustomer(options.customer);
  const reason = checkedReason(options.reason, longestReason);
  checkedNumber("--wait", options.wait);
  if (!terminal && !customer && !options.site) {
    throw new OperatorError("usage", "which terminals? Give a TERMINAL, --customer or --site");
  }
  if (terminal && options.site) throw new OperatorError("usage", "give a TERMINAL or --site, not both");
  if (options.file && !terminal)
    throw new OperatorError("usage", "--file needs the TERMINAL it was offered to");
  const fleet = await connectTo(options, signal);
  if (terminal && options.file) return revokeFile(terminal, options.file, options, fleet);
  const selected = terminal ? undefined : await select(fleet, { customer, site: options.site });
  const targets = selected?.terminals ?? [terminal as string];
  if (targets.length === 0) throw new OperatorError("failed", "there are no such terminals");
  if (!options.yes) {
    const what = terminal ?? `${targets.length} ${targets.length === 1 ? "terminal" : "terminals"}`;
    const place = fleet.outputs.environment;
    await confirm(
      `Revoke ${what} in ${place}? ${terminal ? "It stops" : "They stop"} working at once.`,
      "refuse",
    );
  }
  const about = {
    command: "revoke",
    ...(customer ? { customer } : {}),
    ...(targets.length <= mostTerminals ? { terminals: targets } : { count: targets.length }),
    reason,
    details: { ...(options.site ? { site: options.site } : {}) },
  };
  const run = new Run(fleet, options, targets, selected?.customers, signal);
  // Shutting out cannot wait for a log: what cannot be recorded now is recorded later.
  await fleet.audit.record(
    about,
    async (change) => {
      await run.all();
      const failed = run.open.map(({ terminal, error }) => ({ terminal, message: error.message }));
      if (targets.length > mostTerminals) await change.after(run.closed, failed);
    },
    () => run.result(),
    { unwritable: "go on" },
  );
  run.tell();
}

/** One run over many terminals. */
class Run {
  readonly closed: string[] = [];
  readonly open: { terminal: string; error: OperatorError }[] = [];
  private readonly fleet: Fleet;
  private readonly options: RevokeOptions;
  private readonly targets: string[];
  /** Whose Flow rows there are, where that was found out for all together. */
  private readonly customers: ReadonlyMap<string, string[]> | undefined;
  private readonly signal: AbortSignal;
  private readonly output: Output;
  private readonly startedAt = Date.now();

  constructor(
    fleet: Fleet,
    options: RevokeOptions,
    targets: string[],
    customers: ReadonlyMap<string, string[]> | undefined,
    signal: AbortSignal,
  ) {
    this.fleet = fleet;
    this.options = options;
    this.targets = targets;
    this.customers = customers;
    this.signal = signal;
    this.output = new Output(options);
  }

  async all(): Promise<void> {
    await pMap(this.targets, (terminal) => this.one(terminal), { concurrency: terminalsAtOnce });
  }

  /** How it ended, for the record. */
  result(): Result {
    const details = { closed: this.closed.length, open: this.open.length };
    if (this.signal.aborted) return { outcome: "interrupted", details };
    const message = this.open[0]?.error.message;
    return message ? { outcome: "failed", message, details } : { outcome: "done", details };
  }

  /** @throws OperatorError when not all is done. */
  tell(): void {
    const seconds = (Date.now() - this.startedAt) / 1000;
    const value = {
      terminals: this.targets.length,
      closed: this.closed.length,
      open: this.open.length,
      seconds,
    };
    const doors = this.targets.length === 1 ? "all three doors are closed" : "all their doors are closed";
    const line =
      this.open.length === 0 && !this.signal.aborted
        ? `${this.targets.length === 1 ? this.targets[0] : `${this.targets.length} terminals`}: ${doors}, in ${seconds.toFixed(1)} s`
        : `${this.closed.length} of ${this.targets.length} terminals are shut out, in ${seconds.toFixed(1)} s`;
    this.output.result("revoked", value, line);
    const [first] = this.open;
    if (first && this.targets.length === 1) throw first.error;
    if (first) {
      const names = this.open.slice(0, 20).map(({ error }) => `  ${error.message}`);
      const more = this.open.length > 20 ? [`  and ${this.open.length - 20} more`] : [];
      const message = [
        `${this.open.length} of ${this.targets.length} terminals are not shut out:`,
        ...names,
        ...more,
      ];
      throw new OperatorError(first.error.outcome, message.join("\n"), { remedy: first.error.remedy });
    }
    if (this.signal.aborted) throw new OperatorError("interrupted", "interrupted", { remedy: again });
  }

  private async one(terminal: string): Promise<void> {
    if (this.signal.aborted) return;
    const { reason, customer, wait } = this.options;
    const { customers } = this;
    const doors = await revoke(terminal, this.fleet, {
      reason,
      customer,
      waitMs: wait * 1000,
      ...(customers ? { customersOf: async (id) => customers.get(id) ?? [] } : {}),
      onDoor: (door) => this.show(terminal, door),
    });
    const error = judged(terminal, doors);
    // The hub's index lists devices that were deleted a while ago: nobody asked for these by name.
    if (error?.code === "NoSuchTerminal" && customers) this.output.note(`${terminal} is nowhere any more`);
    else if (error) this.open.push({ terminal, error });
    else this.closed.push(terminal);
  }

  private show(terminal: string, { door, closed, what, ms, error }: Door): void {
    const seconds = ms / 1000;
    const value = { terminal, door, closed, what, seconds, ...(error ? { error: errorValue(error) } : {}) };
    const line = `${door.padEnd(5)}  ${closed ? "closed" : "OPEN  "}  ${seconds.toFixed(1)} s  ${what}`;
    this.output.result("door", value, this.targets.length === 1 ? line : `${terminal}  ${line}`);
    if (error?.remedy) this.output.note(indent(error.remedy));
  }
}

const again = "Run this again: closing what is closed does no harm.";

/** Undefined when the terminal is shut out. */
function judged(terminal: string, doors: Door[]): OperatorError | undefined {
  if (doors.every(({ known, closed }) => closed && !known)) {
    return new OperatorError("failed", `no door knows a terminal ${terminal}`, {
      code: "NoSuchTerminal",
      remedy: "Is it spelled right? `terminals status` lists the terminals.",
    });
  }
  const open = doors.filter(({ closed }) => !closed);
  if (open.length === 0) return undefined;
  const names = open.map(({ door }) => door).join(" and ");
  return new OperatorError(open[0]?.error?.outcome ?? "failed", `${terminal} still gets in by: ${names}`, {
    remedy: again,
  });
}

async function revokeFile(terminal: string, id: string, options: RevokeOptions, fleet: Fleet): Promise<void> {
  const offers = await fleet.offers.list(terminal);
  const found = offers.find((one) => one.id === id);
  if (!found) {
    const there = offers.map((one) => `  ${one.id}  ${one.offer.name}`);
    throw new OperatorError("failed", [`${terminal} has no offer ${id}`, ...there].join("\n"), {
      remedy: `\`terminals files ${terminal}\` shows its offers.`,
    });
  }
  const { name, direction, validUntil } = found.offer;
  if (!options.yes) await confirm(`Revoke ${name}, offered to ${terminal}? Its file is deleted.`, "refuse");
  const about = {
    command: "revoke",
    terminals: [terminal],
    reason: options.reason,
    details: { file: name, offer: id },
  };
  await fleet.audit.record(about, () => withdraw(fleet, terminal, found), undefined, { unwritable: "go on" });
  const output = new Output(options);
  output.result(
    "file",
    { terminal, offer: id, name, direction, revoked: true },
    `${name} (${id}): its file is deleted and its offer taken back`,
  );
  if (direction === "upload") {
    output.note(
      `Its key can still write that one file until ${validUntil}. To end that, revoke the terminal, or rotate the signing key with --emergency.`,
    );
  }
}
