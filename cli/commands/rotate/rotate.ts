import { randomUUID } from "node:crypto";
import { checkCustomerId, checkReason, checkTerminalId } from "../../arguments/identifiers.ts";
import { createSealing } from "../../arguments/sealing.ts";
import { connectToFleet } from "../../arguments/stack-connection.ts";
import { maxTerminalsPerRecord } from "../../audit-log/record.ts";
import { addNearestTerminals } from "../../azure/iot-hub/nearest-terminals.ts";
import { systemClock } from "../../lib/clock.ts";
import { OperatorError } from "../../lib/operator-error.ts";
import type { RotationContext } from "../../lifecycle/key-rotation/context.ts";
import type { RotatedKey } from "../../lifecycle/key-rotation/record.ts";
import { rotateKeys } from "../../lifecycle/key-rotation/rotate-keys.ts";
import { ownershipOf, recordedCustomers } from "../../lifecycle/ownership.ts";
import { count } from "../../terminal-ui/format.ts";
import { t } from "../../words/translate.ts";
import type { CommandContext } from "../command.ts";
import type { RotateOptions } from "./definition.ts";
import { auditResult, recordAll, reportState, reportSummary, subscriptionKeyWaits } from "./report.ts";
import { selectTargets } from "./targets.ts";

const hourMs = 3_600_000;

/** `rotate`: replaces the keys of a terminal, of a customer's terminals, or of terminals with old keys. */
export async function run(
  typedId: string | undefined,
  options: RotateOptions,
  context: CommandContext,
): Promise<void> {
  const { output, prompt, signal } = context;
  const terminal = typedId === undefined ? undefined : checkTerminalId(typedId);
  const customer = checkCustomerId(options.customer);
  const reason = checkReason(options.reason);
  checkCombination(terminal, options);
  const sealing = options.out ? await createSealing(options, prompt) : undefined;
  const fleet = await connectToFleet(options, context);
  const { targets, customers } = terminal
    ? { targets: [terminal], customers: (await ownershipOf(terminal, fleet)).customers }
    : await selectTargets(fleet, { ...options, customer }, output);
  if (targets.length === 0) {
    output.result("rotation", { terminals: 0 }, t`No terminal has keys to rotate.`);
    return;
  }
  const keys = options.continue ? [] : keysToReplace(terminal, options);
  if (!options.yes) {
    const what = terminal ?? count(targets.length, "terminal");
    const { environment } = fleet.outputs;
    await prompt.confirm(
      options.continue
        ? t`Continue the rotation of ${what} in ${environment}?`
        : t`Replace keys (${keys.join(", ")}) of ${what} in ${environment}?`,
    );
  }
  const rotation: RotationContext = {
    fleet,
    clock: systemClock,
    runId: randomUUID(),
    claimed: new Set(),
    graceMs: options.grace * hourMs,
    bundles: sealing,
    filesOnly: options.file ?? false,
    deliversAgain: options.again ?? false,
    acceptsNewRecipient: options.newRecipient ?? false,
  };
  const isNamed = targets.length <= maxTerminalsPerRecord;
  const about = {
    command: "rotate",
    ...recordedCustomers(customers),
    ...(isNamed ? { terminals: targets } : { count: targets.length }),
    reason,
    details: { keys: options.continue ? "rotations in progress" : keys.join(", ") },
  };
  const { results, nextKey: shared } = await fleet.audit.record(
    about,
    async (change) => {
      if (!isNamed) await change.before(targets);
      const rotated = await rotateKeys(targets, keys, rotation, {
        customer,
        waitMs: options.wait * 1000,
        signal,
        onResult: (result) => reportState(result, output),
        onSubscriptionKey: (done) => output.result("shared-key", { customer, done }, `${customer}: ${done}`),
      });
      if (!isNamed) await recordAll(rotated.results, change);
      return rotated;
    },
    ({ results, nextKey }) =>
      auditResult(results, { signal, isSubscriptionKeyOpen: nextKey?.isFinished === false }),
  );
  try {
    // A job repeats --older-than. It is complete when it did what can be done today.
    reportSummary(results, { signal, output, isDaily: options.olderThan !== undefined });
  } catch (error) {
    throw await addNearestTerminals(error, fleet.registry, targets[0]);
  }
  if (customer && shared && !shared.isFinished && shared.missingTerminals.length > 0) {
    throw subscriptionKeyWaits(customer, shared);
  }
}

function checkCombination(terminal: string | undefined, options: RotateOptions): void {
  const { customer, olderThan, keys } = options;
  if (!terminal && !customer && olderThan === undefined && !options.continue) {
    throw new OperatorError("usage", t`specify TERMINAL, --customer, --older-than or --continue`);
  }
  if (terminal && (customer || olderThan !== undefined)) {
    throw new OperatorError("usage", t`TERMINAL excludes --customer and --older-than`);
  }
  if (keys === "shared" && (!customer || olderThan !== undefined)) {
    throw new OperatorError(
      "usage",
      t`--keys shared rotates a customer's subscription key: it requires --customer and excludes --older-than`,
    );
  }
  if (options.file && !options.out) throw new OperatorError("usage", t`--file requires --out FOLDER`);
}

function keysToReplace(
  terminal: string | undefined,
  { keys, customer, olderThan }: RotateOptions,
): RotatedKey[] {
  if (keys !== "all") return [keys];
  const isWholeCustomer = !terminal && customer && olderThan === undefined;
  return isWholeCustomer ? ["hub", "flow", "shared"] : ["hub", "flow"];
}
