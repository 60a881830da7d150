import pMap from "p-map";
import { checkedReason, checkedTerminal } from "../../arguments/identifiers.ts";
import { connectTo, type StackOptions } from "../../arguments/stack.ts";
import { type ChangeDescription, type ChangeResult, maxTerminalsPerRecord } from "../../audit-log/record.ts";
import type { Fleet } from "../../azure/fleet.ts";
import { OperatorError } from "../../lib/operator-error.ts";
import { describeTerminal, recordedCustomers } from "../../lifecycle/ownership.ts";
import {
  findDueForDeletion,
  type Retired,
  type Retirement,
  readRetirement,
  retire,
} from "../../lifecycle/retire.ts";
import { revoke } from "../../lifecycle/revoke.ts";
import { errorValue, Output } from "../../terminal-ui/output.ts";
import { confirm } from "../../terminal-ui/prompt.ts";

export interface RetireOptions extends StackOptions {
  /** Days to wait before it is deleted; default 30. */
  after?: number;
  /** Delete all terminals whose waiting time is over. */
  due?: boolean;
  reason?: string;
  yes?: boolean;
}

const terminalsAtOnce = 8;
const usualDays = 30;
const dayMs = 86_400_000;

/**
 * `retire TERMINAL`: revokes it and marks it; after the waiting time, the same command or `retire --due` deletes it.
 */
export async function retireCommand(
  given: string | undefined,
  options: RetireOptions,
  signal: AbortSignal,
): Promise<void> {
  if (Boolean(given) === Boolean(options.due)) {
    throw new OperatorError("usage", "which terminals? Give either a TERMINAL or --due");
  }
  const terminal = given === undefined ? undefined : checkedTerminal(given);
  const work = { options, reason: checkedReason(options.reason), output: new Output(options), signal };
  const fleet = await connectTo(options, signal);
  await (terminal === undefined ? retireDue(fleet, work) : retireOne(terminal, fleet, work));
}

interface Work {
  options: RetireOptions;
  reason: string | undefined;
  output: Output;
  signal: AbortSignal;
}

async function retireOne(terminal: string, fleet: Fleet, work: Work): Promise<void> {
  const { options, reason, output } = work;
  const now = Date.now();
  const days = options.after ?? usualDays;
  const found = await readRetirement(terminal, fleet, now);
  if (!found) {
    throw new OperatorError("failed", `the hub has no terminal ${terminal}`, { code: "NoSuchTerminal" });
  }
  const { state, after, isDisabled, customer } = found;
  if (after && options.after !== undefined) {
    output.note(`--after is ignored: ${terminal} is marked already, for ${after.toISOString()}.`);
  }
  if (state === "waiting" && isDisabled) {
    tell(terminal, { state: "marked", after: after as Date }, output);
    return;
  }
  if (!options.yes) await confirm(question(terminal, found, { now, days }, fleet));
  const about = {
    ...recordedCustomers(customer ? [customer] : []),
    terminals: [terminal],
    ...(state === "none" ? { details: { afterDays: days } } : {}),
  };
  const shutFirst = (one: string) => shutOut(one, fleet, reason ?? "retired");
  await retireAll([terminal], { about, days, before: shutFirst }, fleet, work);
}

/** Says what is going to happen, which the mark decides. */
function question(
  terminal: string,
  { state, after, isDisabled, customer, site }: Retirement,
  { now, days }: { now: number; days: number },
  { outputs: { environment } }: Fleet,
): string {
  const what = describeTerminal(terminal, {
    customers: customer ? [customer] : [],
    ...(site ? { site } : {}),
  });
  if (state === "due") {
    const over = `its waiting time was over on ${day(after as Date)}`;
    return isDisabled
      ? `Delete ${what} in ${environment} for good? It is retired, and ${over}: its identity, its files and its Flow row go now.`
      : `Delete ${what} in ${environment} for good? It works, and is shut out first. It was retired, and ${over}: its identity, its files and its Flow row go now.`;
  }
  const from = after ?? new Date(now + days * dayMs);
  return `Retire ${what} in ${environment}? It is shut out now, and can be deleted from ${day(from)} on.`;
}

async function retireDue(fleet: Fleet, work: Work): Promise<void> {
  const due = await findDueForDeletion(fleet, Date.now());
  if (due.size === 0) {
    work.output.result("retired", { deleted: 0 }, "No terminal's waiting time is over.");
    return;
  }
  const terminals = [...due.keys()];
  const customers = [...due.values()].filter((one) => one !== undefined);
  if (!work.options.yes) {
    const { environment } = fleet.outputs;
    const some =
      terminals.length === 1
        ? `the retired terminal ${terminals[0]}`
        : `${terminals.length} retired terminals`;
    const of = customers.length > 0 ? ` of ${[...new Set(customers)].sort().join(", ")}` : "";
    await confirm(`Delete ${some}${of} in ${environment} for good?`);
  }
  const named = terminals.length <= maxTerminalsPerRecord;
  const about = { ...recordedCustomers(customers), ...(named ? { terminals } : { count: terminals.length }) };
  await retireAll(terminals, { about, days: usualDays }, fleet, work);
}

async function retireAll(
  targets: string[],
  how: {
    about: Omit<ChangeDescription, "command">;
    days: number;
    before?: (terminal: string) => Promise<void>;
  },
  fleet: Fleet,
  { reason, output, signal }: Work,
): Promise<void> {
  const results = new Map<string, Retired>();
  const failures: { terminal: string; error: OperatorError }[] = [];
  const one = async (terminal: string) => {
    if (signal.aborted) return;
    try {
      await how.before?.(terminal);
      const result = await retire(terminal, fleet, { days: how.days });
      tell(terminal, result, output);
      results.set(terminal, result);
    } catch (error) {
      if (!(error instanceof OperatorError)) throw error;
      failures.push({ terminal, error });
      output.result("failed", { terminal, error: errorValue(error) }, `${terminal}: ${error.message}`);
    }
  };
  const about = { command: "retire", ...how.about, ...(reason ? { reason } : {}) };
  await fleet.audit.record(
    about,
    async (change) => {
      if (!about.terminals) await change.before(targets);
      await pMap(targets, one, { concurrency: terminalsAtOnce });
      const failed = failures.map(({ terminal, error }) => ({ terminal, message: error.message }));
      if (targets.length > 1) await change.after([...results.keys()], failed);
      if (failures.length > 0) throw summed(failures, targets.length);
      if (results.size < targets.length) {
        throw new OperatorError("interrupted", "interrupted", { remedy: "Run this again." });
      }
    },
    () => judged(results),
  );
}

/** What came of it, for the record: of one terminal its state, of several how many of each. */
function judged(results: ReadonlyMap<string, Retired>): ChangeResult {
  const all = [...results.values()];
  const [first] = all;
  if (all.length === 1 && first) {
    const { state, after } = first;
    return { outcome: "done", details: { state, ...(after ? { after: after.toISOString() } : {}) } };
  }
  return { outcome: "done", details: { deleted: all.filter(({ state }) => state === "deleted").length } };
}

/** Retiring begins with revoking: nothing is deleted while it can still get in. */
async function shutOut(terminal: string, fleet: Fleet, reason: string): Promise<void> {
  const twin = await fleet.twins.get(terminal);
  // A terminal that is marked was shut out by the run that marked it.
  if (!twin || (twin.tags?.retire && twin.status === "disabled")) return;
  const doors = await revoke(terminal, fleet, { reason });
  const open = doors.find(({ closed }) => !closed);
  if (!open) return;
  throw new OperatorError(
    open.error?.outcome ?? "failed",
    `${terminal} still gets in by: ${open.accessPath}`,
    {
      remedy: open.error?.remedy ?? "Run this again.",
    },
  );
}

function tell(terminal: string, { state, after }: Retired, output: Output): void {
  const line =
    state === "marked"
      ? `${terminal} is shut out, and can be deleted from ${after?.toISOString()} on: run this again then, or \`terminals retire --due\``
      : state === "deleted"
        ? `${terminal} is deleted; the audit log keeps its record`
        : `${terminal} is not at the hub any more`;
  output.result("retired", { terminal, state, ...(after ? { after: after.toISOString() } : {}) }, line);
}

function summed(failures: { error: OperatorError }[], all: number): OperatorError {
  const [{ error: first }] = failures as [{ error: OperatorError }];
  if (all === 1) return first;
  return new OperatorError(first.outcome, `${failures.length} of ${all} terminals were not retired`, {
    remedy: "Put right what is said of each, and run this again.",
  });
}

function day(date: Date): string {
  return date.toISOString().slice(0, 10);
}
