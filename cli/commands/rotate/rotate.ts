import { randomUUID } from "node:crypto";
import { checkedCustomer, checkedReason, checkedTerminal } from "../../arguments/identifiers.ts";
import { type SealingOptions, sealingOf } from "../../arguments/sealing.ts";
import { connectTo, type StackOptions } from "../../arguments/stack.ts";
import { maxTerminalsPerRecord } from "../../audit-log/record.ts";
import type { Fleet } from "../../azure/fleet.ts";
import { systemClock } from "../../lib/clock.ts";
import { OperatorError } from "../../lib/operator-error.ts";
import { findRotationCandidates } from "../../lifecycle/key-rotation/candidates.ts";
import type { RotationContext } from "../../lifecycle/key-rotation/context.ts";
import type { RotatedKey } from "../../lifecycle/key-rotation/record.ts";
import { rotateKeys } from "../../lifecycle/key-rotation/rotate-keys.ts";
import { Output } from "../../terminal-ui/output.ts";
import { confirm } from "../../terminal-ui/prompt.ts";
import { judged, recordAll, show, tell, tellWaiting } from "./report.ts";

export interface RotateOptions extends StackOptions, SealingOptions {
  customer?: string;
  /** Days. */
  olderThan?: number;
  keys: "hub" | "flow" | "shared" | "all";
  /** Go on with what is under way; begin nothing. */
  continue?: boolean;
  /** Hours for which old keys work on. */
  grace: number;
  /** Seconds to wait for terminals and times. */
  wait: number;
  /** Hand over by sealed files, also to terminals that take keys through the hub. */
  file?: boolean;
  again?: boolean;
  newRecipient?: boolean;
  reason?: string;
  yes?: boolean;
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** `rotate`: renews the keys of one terminal, of a customer's, or of those whose keys are old, without an outage. */
export async function rotateCommand(
  given: string | undefined,
  options: RotateOptions,
  signal: AbortSignal,
): Promise<void> {
  const terminal = given === undefined ? undefined : checkedTerminal(given);
  const customer = checkedCustomer(options.customer);
  const reason = checkedReason(options.reason);
  check(terminal, options);
  const sealing = options.out ? await sealingOf(options) : undefined;
  const fleet = await connectTo(options, signal);
  const context: RotationContext = {
    fleet,
    clock: systemClock,
    runId: randomUUID(),
    claimed: new Set(),
    graceMs: options.grace * hourMs,
    ...(sealing ? { bundles: sealing } : {}),
    filesOnly: options.file ?? false,
    deliversAgain: options.again ?? false,
    acceptsNewRecipient: options.newRecipient ?? false,
  };
  const output = new Output(options);
  const targets = terminal ? [terminal] : await targetsOf(fleet, { ...options, customer }, output);
  if (targets.length === 0) {
    output.result("rotation", { terminals: 0 }, "There is nothing to rotate.");
    return;
  }
  const renewed = keysOf(terminal, options);
  if (!options.yes) {
    const what = terminal ?? `${targets.length} ${targets.length === 1 ? "terminal" : "terminals"}`;
    const how = options.continue ? "Go on with the rotation of" : `Renew keys (${renewed.join(", ")}) of`;
    await confirm(`${how} ${what} in ${fleet.outputs.environment}?`);
  }
  const about = {
    command: "rotate",
    ...(customer ? { customer } : {}),
    ...(targets.length <= maxTerminalsPerRecord ? { terminals: targets } : { count: targets.length }),
    ...(reason ? { reason } : {}),
    details: { keys: options.continue ? "what is under way" : renewed.join(", ") },
  };
  const { results, nextKey: shared } = await fleet.audit.record(
    about,
    async (change) => {
      if (targets.length > maxTerminalsPerRecord) await change.before(targets);
      const worked = await rotateKeys(targets, options.continue ? [] : renewed, context, {
        customer,
        waitMs: options.wait * 1000,
        signal,
        onResult: (result) => show(result, output),
        onSubscriptionKey: (done) => output.result("shared-key", { customer, done }, `${customer}: ${done}`),
      });
      if (targets.length > maxTerminalsPerRecord) await recordAll(worked.results, change);
      return worked;
    },
    ({ results }) => judged(results, signal),
  );
  tell(results, signal, output);
  if (customer && shared && !shared.isFinished && shared.missingTerminals.length > 0)
    tellWaiting(customer, shared);
}

function check(terminal: string | undefined, options: RotateOptions): void {
  const { customer, olderThan, keys } = options;
  if (!terminal && !customer && olderThan === undefined && !options.continue) {
    throw new OperatorError("usage", "which terminals? Give a TERMINAL, --customer or --older-than");
  }
  if (terminal && (customer || olderThan !== undefined)) {
    throw new OperatorError("usage", "give either a TERMINAL, or --customer or --older-than");
  }
  if (keys === "shared" && (!customer || olderThan !== undefined)) {
    throw new OperatorError(
      "usage",
      "the shared key is a customer's: --keys shared goes with --customer alone",
    );
  }
  if (options.file && !options.out) throw new OperatorError("usage", "--file needs --out FOLDER");
}

function keysOf(terminal: string | undefined, { keys, customer, olderThan }: RotateOptions): RotatedKey[] {
  if (keys !== "all") return [keys];
  const wholeCustomer = !terminal && customer && olderThan === undefined;
  return wholeCustomer ? ["hub", "flow", "shared"] : ["hub", "flow"];
}

async function targetsOf(fleet: Fleet, options: RotateOptions, output: Output): Promise<string[]> {
  const { customer, olderThan } = options;
  const all = await findRotationCandidates(fleet, customer);
  if (customer && all.length === 0) {
    throw new OperatorError("failed", `there are no terminals of ${customer}`, {
      remedy: "Is it spelled right? `terminals status` lists the terminals.",
    });
  }
  const oldest = olderThan === undefined ? undefined : Date.now() - olderThan * dayMs;
  // With the customer's shared key under way, every one of its terminals counts.
  if (customer && oldest === undefined) return all.map(({ terminal }) => terminal);
  const others = all.filter(({ rotatesSubscriptionKey: renewsShared }) => renewsShared);
  if (others.length > 0) {
    output.note(
      `Left out: ${others.length} ${others.length === 1 ? "terminal" : "terminals"} whose customer's shared key is being renewed. \`terminals rotate --customer ID --continue\` goes on with that.`,
    );
  }
  return all
    .filter(({ rotatesSubscriptionKey: renewsShared }) => !renewsShared)
    .filter(
      ({ isRotating, oldestKeyAt: keysFrom }) =>
        isRotating || (oldest !== undefined && (keysFrom ?? 0) <= oldest),
    )
    .map(({ terminal }) => terminal);
}
