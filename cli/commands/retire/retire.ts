import pMap from "p-map";
import { checkReason, checkTerminalId } from "../../arguments/identifiers.ts";
import { connectToFleet } from "../../arguments/stack-connection.ts";
import { type ChangeDescription, type ChangeResult, maxTerminalsPerRecord } from "../../audit-log/record.ts";
import type { Fleet } from "../../azure/fleet.ts";
import { noSuchTerminal } from "../../azure/iot-hub/nearest-terminals.ts";
import { OperatorError } from "../../lib/operator-error.ts";
import { recordedCustomers } from "../../lifecycle/ownership.ts";
import { findDueForDeletion, type Retired, readRetirement, retire } from "../../lifecycle/retire.ts";
import { revoke } from "../../lifecycle/revoke.ts";
import { count, formatTime } from "../../terminal-ui/format.ts";
import { errorValue } from "../../terminal-ui/output.ts";
import { joinAnd, t } from "../../words/translate.ts";
import type { CommandContext } from "../command.ts";
import type { RetireOptions } from "./definition.ts";
import { deletionQuestion, retirementQuestion } from "./prompt.ts";
import { reportRetired } from "./report.ts";

const concurrentTerminals = 8;
const defaultDays = 30;

interface Run extends CommandContext {
  fleet: Fleet;
  options: RetireOptions;
  reason: string | undefined;
}

/**
 * `retire TERMINAL`: revokes and marks a terminal. After the waiting period, the same command or `retire --due` deletes
 * it.
 */
export async function run(
  typedId: string | undefined,
  options: RetireOptions,
  context: CommandContext,
): Promise<void> {
  if (Boolean(typedId) === Boolean(options.due)) {
    throw new OperatorError("usage", t`specify TERMINAL or --due`);
  }
  const terminal = typedId === undefined ? undefined : checkTerminalId(typedId);
  const reason = checkReason(options.reason);
  const work = { ...context, fleet: await connectToFleet(options, context), options, reason };
  await (terminal === undefined ? deleteDue(work) : retireOne(terminal, work));
}

async function retireOne(terminal: string, run: Run): Promise<void> {
  const { fleet, options, reason, output, prompt } = run;
  const now = Date.now();
  const days = options.after ?? defaultDays;
  const retirement = await readRetirement(terminal, fleet, now);
  if (!retirement) {
    throw await noSuchTerminal(fleet.registry, terminal, t`the IoT Hub has no terminal ${terminal}`);
  }
  const { state, after, isDisabled, customer } = retirement;
  if (after && options.after !== undefined) {
    output.note(t`--after is ignored: ${terminal} is already marked for deletion from ${formatTime(after)}.`);
  }
  if (state === "waiting" && isDisabled) {
    reportRetired(terminal, { state: "marked", after }, output);
    return;
  }
  if (!options.yes) {
    await prompt.confirm(retirementQuestion(terminal, retirement, { now, days }, fleet.outputs.environment));
  }
  const about = {
    ...recordedCustomers(customer ? [customer] : []),
    terminals: [terminal],
    ...(state === "none" ? { details: { afterDays: days } } : {}),
  };
  const revokeFirst = (id: string) => revokeUnlessMarked(id, fleet, reason ?? "retired");
  await retireAll([terminal], { about, days, before: revokeFirst }, run);
}

async function deleteDue(run: Run): Promise<void> {
  const { fleet, options, output, prompt } = run;
  const due = await findDueForDeletion(fleet, Date.now());
  if (due.size === 0) {
    output.result("retired", { deleted: 0 }, t`No terminal is due for deletion.`);
    return;
  }
  const terminals = [...due.keys()];
  const customers = [...due.values()].filter((customer) => customer !== undefined);
  if (!options.yes) {
    await prompt.confirm(deletionQuestion(terminals, customers, fleet.outputs.environment));
  }
  const isNamed = terminals.length <= maxTerminalsPerRecord;
  const about = {
    ...recordedCustomers(customers),
    ...(isNamed ? { terminals } : { count: terminals.length }),
  };
  await retireAll(terminals, { about, days: defaultDays }, run);
}

async function retireAll(
  targets: string[],
  how: {
    about: Omit<ChangeDescription, "command">;
    days: number;
    before?: (terminal: string) => Promise<void>;
  },
  { fleet, reason, output, signal }: Run,
): Promise<void> {
  const results = new Map<string, Retired>();
  const failures: { terminal: string; error: OperatorError }[] = [];
  const retireTarget = async (terminal: string) => {
    if (signal.aborted) return;
    try {
      await how.before?.(terminal);
      const result = await retire(terminal, fleet, { days: how.days });
      reportRetired(terminal, result, output);
      results.set(terminal, result);
    } catch (error) {
      if (!(error instanceof OperatorError)) throw error;
      failures.push({ terminal, error });
      // The error of a single terminal is the command's own, and is written when it ends.
      if (targets.length === 1 && !output.json) return;
      output.result("failed", { terminal, error: errorValue(error) }, `${terminal}: ${error.message}`);
      output.collectRemedy(terminal, error);
    }
  };
  const about = { command: "retire", ...how.about, reason };
  await fleet.audit.record(
    about,
    async (change) => {
      if (!about.terminals) await change.before(targets);
      await pMap(targets, retireTarget, { concurrency: concurrentTerminals });
      output.writeRemedies();
      const failed = failures.map(({ terminal, error }) => ({ terminal, message: error.message }));
      if (targets.length > 1) await change.after([...results.keys()], failed);
      if (failures.length > 0) throw combineFailures(failures, targets.length);
      if (results.size < targets.length) {
        throw new OperatorError("interrupted", t`interrupted`, { remedy: t`Run this again: it continues.` });
      }
    },
    () => auditResult(results),
  );
}

/** What the audit log records: the state of a single terminal, or how many terminals were deleted. */
function auditResult(results: ReadonlyMap<string, Retired>): ChangeResult {
  const all = [...results.values()];
  const [first] = all;
  if (all.length === 1 && first) {
    const { state, after } = first;
    return { outcome: "done", details: { state, ...(after ? { after: after.toISOString() } : {}) } };
  }
  return { outcome: "done", details: { deleted: all.filter(({ state }) => state === "deleted").length } };
}

/** Revokes a terminal first, so that nothing is deleted while an access path is open. */
async function revokeUnlessMarked(terminal: string, fleet: Fleet, reason: string): Promise<void> {
  const twin = await fleet.twins.get(terminal);
  // The run that marked a terminal has revoked it.
  if (!twin || (twin.tags?.retire && twin.status === "disabled")) return;
  const open = (await revoke(terminal, fleet, { reason })).filter(({ closed }) => !closed);
  const [first] = open;
  if (!first) return;
  const names = joinAnd(open.map(({ accessPath, what }) => t`${accessPath} (${what})`));
  throw new OperatorError(
    first.error?.outcome ?? "failed",
    t`${terminal} still has access through: ${names}`,
    { remedy: first.error?.remedy ? first.error.remedyLines : t`Run this again.` },
  );
}

function combineFailures(failures: { error: OperatorError }[], targets: number): OperatorError {
  const [{ error: first }] = failures as [{ error: OperatorError }];
  if (targets === 1) return first;
  const message = t`${failures.length} of ${count(targets, "terminal")} not retired`;
  return new OperatorError(first.outcome, message, {
    remedy: t`Follow the remedy of each, and run this again.`,
  });
}
