import { randomUUID } from "node:crypto";
import { mostTerminals, type Result } from "../audit/record.ts";
import { systemClock } from "../clock.ts";
import { OperatorError } from "../errors.ts";
import type { Fleet } from "../fleet.ts";
import { candidates } from "../life/rotation/candidates.ts";
import type { RotationContext } from "../life/rotation/context.ts";
import type { RenewedKey } from "../life/rotation/record.ts";
import { type RotationResult, type RotationState, rotate } from "../life/rotation/rotate.ts";
import { followUp, nextSharedKey } from "../life/rotation/shared-key.ts";
import { confirm } from "./ask.ts";
import { checkedCustomer, checkedNumber, checkedReason, checkedTerminal } from "./checks.ts";
import { errorValue, indent, Output } from "./output.ts";
import { type SealingOptions, sealingOf } from "./sealing.ts";
import { connectTo, type StackOptions } from "./stack.ts";

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
    run: randomUUID(),
    mine: new Set(),
    graceMs: options.grace * hourMs,
    ...(sealing ? { file: sealing } : {}),
    filesOnly: options.file ?? false,
    again: options.again ?? false,
    newRecipient: options.newRecipient ?? false,
  };
  const targets = terminal ? [terminal] : await targetsOf(fleet, options);
  const output = new Output(options);
  if (targets.length === 0) {
    output.result("rotation", { terminals: 0 }, "There is nothing to rotate.");
    return;
  }
  const renewed = keysOf(terminal, options);
  if (!options.yes) {
    const what = terminal ?? `${targets.length} ${targets.length === 1 ? "terminal" : "terminals"}`;
    const how = options.continue ? "Go on with the rotation of" : `Renew keys (${renewed.join(", ")}) of`;
    await confirm(`${how} ${what} in ${fleet.outputs.environment}?`, "refuse");
  }
  const about = {
    command: "rotate",
    ...(customer ? { customer } : {}),
    ...(targets.length <= mostTerminals ? { terminals: targets } : { count: targets.length }),
    ...(reason ? { reason } : {}),
    details: { keys: options.continue ? "what is under way" : renewed.join(", ") },
  };
  const results = await fleet.audit.record(
    about,
    () => work(targets, options.continue ? [] : renewed, context, { ...options, customer }, signal, output),
    (all) => judged(all, signal),
  );
  tell(results, signal, output);
}

async function work(
  targets: string[],
  renewed: RenewedKey[],
  context: RotationContext,
  options: Pick<RotateOptions, "customer" | "wait" | "keys">,
  signal: AbortSignal,
  output: Output,
): Promise<Map<string, RotationResult>> {
  const { customer } = options;
  const shared =
    customer && (renewed.includes("shared") || renewed.length === 0)
      ? await nextSharedKey(customer, targets, context, renewed.includes("shared"))
      : undefined;
  const all: RotationContext = { ...context, ...(shared ? { shared } : {}) };
  return rotate(new Map(targets.map((one) => [one, renewed])), all, {
    waitMs: options.wait * 1000,
    signal,
    onResult: (result) => show(result, output),
    between: async (results) => {
      if (!customer || !shared) return false;
      const done = await followUp(customer, shared, results, all);
      if (done) output.result("shared-key", { customer, done }, `${customer}: ${done}`);
      return done !== undefined;
    },
  });
}

function check(terminal: string | undefined, options: RotateOptions): void {
  const { customer, olderThan, keys } = options;
  checkedNumber("--older-than", olderThan);
  checkedNumber("--grace", options.grace);
  checkedNumber("--wait", options.wait);
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

function keysOf(terminal: string | undefined, { keys, customer, olderThan }: RotateOptions): RenewedKey[] {
  if (keys !== "all") return [keys];
  const wholeCustomer = !terminal && customer && olderThan === undefined;
  return wholeCustomer ? ["hub", "flow", "shared"] : ["hub", "flow"];
}

async function targetsOf(fleet: Fleet, options: RotateOptions): Promise<string[]> {
  const all = await candidates(fleet, options.customer);
  const oldest = options.olderThan === undefined ? undefined : Date.now() - options.olderThan * dayMs;
  // With the customer's shared key under way, every one of its terminals counts.
  if (options.customer && oldest === undefined) return all.map(({ terminal }) => terminal);
  return all
    .filter(({ isRotating, keysFrom }) => isRotating || (oldest !== undefined && (keysFrom ?? 0) <= oldest))
    .map(({ terminal }) => terminal);
}

const words: Record<RotationState, string> = {
  settling: "waits until every gateway can know the customer's next shared key",
  "handed over": "has its new keys on the way; its old ones work on",
  grace: "uses its new keys; its old ones work on",
  done: "has new keys; its old ones are no more",
  nothing: "has no rotation under way",
  failed: "failed",
};

function show({ terminal, state, until, file, error }: RotationResult, output: Output): void {
  const value = {
    terminal,
    state,
    ...(until ? { until: new Date(until).toISOString() } : {}),
    ...(file ? { file } : {}),
    ...(error ? { error: errorValue(error) } : {}),
  };
  const time = until ? ` (until ${new Date(until).toISOString()})` : "";
  const line = error ? `${terminal}: ${error.message}` : `${terminal} ${words[state]}${time}`;
  output.result("terminal", value, file ? `${line}; bring it the hand-over ${file}` : line);
  if (error?.remedy) output.note(indent(error.remedy));
}

function count(results: ReadonlyMap<string, RotationResult>, ...states: RotationState[]): number {
  return [...results.values()].filter(({ state }) => states.includes(state)).length;
}

function judged(results: ReadonlyMap<string, RotationResult>, signal: AbortSignal): Result {
  const details = {
    done: count(results, "done", "nothing"),
    underWay: count(results, "settling", "handed over", "grace"),
    failed: count(results, "failed"),
  };
  const message = [...results.values()].find(({ error }) => error)?.error?.message;
  if (message) return { outcome: "failed", message, details };
  return { outcome: signal.aborted ? "interrupted" : "done", details };
}

function tell(results: ReadonlyMap<string, RotationResult>, signal: AbortSignal, output: Output): void {
  const done = count(results, "done", "nothing");
  const failed = count(results, "failed");
  const underWay = count(results, "settling", "handed over", "grace");
  const terminals = results.size;
  output.result(
    "summary",
    { terminals, done, underWay, failed },
    `${done} done, ${underWay} under way, ${failed} failed`,
  );
  if (signal.aborted) throw new OperatorError("interrupted", "interrupted", { remedy: goOn });
  if (failed > 0) {
    const first = [...results.values()].find(({ error }) => error)?.error;
    throw new OperatorError(
      first?.outcome ?? "failed",
      `${failed} of ${terminals} terminals were not rotated`,
      {
        remedy: `Put right what is said of each. ${goOn}`,
      },
    );
  }
  if (underWay > 0) {
    throw new OperatorError("waiting", `${underWay} of ${terminals} terminals are under way`, {
      remedy: goOn,
    });
  }
}

const goOn =
  "Run this again later with --continue: it goes on where it stopped. All keys that are in use work.";
