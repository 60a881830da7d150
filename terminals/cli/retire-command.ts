import pMap from "p-map";
import { OperatorError } from "../errors.ts";
import type { Fleet } from "../fleet.ts";
import { dueForDeletion, type Retired, retire } from "../life/retire.ts";
import { revoke } from "../life/revoke.ts";
import { confirm } from "./ask.ts";
import { checkedNumber, checkedReason, checkedTerminal } from "./checks.ts";
import { errorValue, Output } from "./output.ts";
import { connectTo, type StackOptions } from "./stack.ts";

export interface RetireOptions extends StackOptions {
  /** Days to wait before it is deleted. */
  after: number;
  /** Delete all terminals whose waiting time is over. */
  due?: boolean;
  reason?: string;
  yes?: boolean;
}

const terminalsAtOnce = 8;

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
  const reason = checkedReason(options.reason);
  checkedNumber("--after", options.after);
  const fleet = await connectTo(options, signal);
  const output = new Output(options);
  const targets = terminal ? [terminal] : await dueForDeletion(fleet, Date.now());
  if (targets.length === 0) {
    output.result("retired", { deleted: 0 }, "No terminal's waiting time is over.");
    return;
  }
  if (!options.yes) {
    const question = terminal
      ? `Retire ${terminal} in ${fleet.outputs.environment}? It is shut out now and deleted after ${options.after} days.`
      : `Delete ${targets.length} retired ${targets.length === 1 ? "terminal" : "terminals"} in ${fleet.outputs.environment} for good?`;
    await confirm(question, "refuse");
  }
  const about = {
    command: "retire",
    count: targets.length,
    ...(reason ? { reason } : {}),
    details: { afterDays: options.after },
  };
  const failures: OperatorError[] = [];
  await fleet.audit.record(about, async (change) => {
    await change.before(targets);
    const done: string[] = [];
    const failed: { terminal: string; message: string }[] = [];
    await pMap(
      targets,
      async (one) => {
        if (signal.aborted) return;
        try {
          if (terminal) await shutOut(one, fleet, reason ?? "retired");
          tell(one, await retire(one, fleet, { days: options.after }), output);
          done.push(one);
        } catch (error) {
          if (!(error instanceof OperatorError)) throw error;
          failures.push(error);
          failed.push({ terminal: one, message: error.message });
          output.result("failed", { terminal: one, error: errorValue(error) }, `${one}: ${error.message}`);
        }
      },
      { concurrency: terminalsAtOnce },
    );
    await change.after(done, failed);
    if (failures[0]) throw summed(failures, targets.length);
    if (signal.aborted) throw new OperatorError("interrupted", "interrupted", { remedy: "Run this again." });
  });
}

/** Retiring begins with revoking: nothing is deleted while it can still get in. */
async function shutOut(terminal: string, fleet: Fleet, reason: string): Promise<void> {
  const twin = await fleet.twins.get(terminal);
  if (!twin)
    throw new OperatorError("failed", `the hub has no terminal ${terminal}`, { code: "NoSuchTerminal" });
  // A terminal that is marked was shut out by the run that marked it.
  if (twin.tags?.retire && twin.status === "disabled") return;
  const doors = await revoke(terminal, fleet, { reason });
  const open = doors.find(({ closed }) => !closed);
  if (!open) return;
  throw new OperatorError(open.error?.outcome ?? "failed", `${terminal} still gets in by: ${open.door}`, {
    remedy: open.error?.remedy ?? "Run this again.",
  });
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

function summed(failures: OperatorError[], all: number): OperatorError {
  const [first] = failures as [OperatorError];
  if (all === 1) return first;
  return new OperatorError(first.outcome, `${failures.length} of ${all} terminals were not retired`, {
    remedy: "Put right what is said of each, and run this again.",
  });
}
