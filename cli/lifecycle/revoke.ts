import { explain } from "../azure/explain-error.ts";
import type { Fleet } from "../azure/fleet.ts";
import { type Clock, systemClock } from "../lib/clock.ts";
import { OperatorError } from "../lib/operator-error.ts";
import { t } from "../words/translate.ts";
import {
  type AccessPath,
  type AccessPathResult,
  type Closed,
  closed,
  unknown,
} from "./revocation/access-path.ts";
import { bounded, inTime, late } from "./revocation/bounded.ts";
import { closeFiles } from "./revocation/close-files.ts";
import { FlowKeyRows, type TerminalTags } from "./revocation/close-flow.ts";
import {
  disableIdentity,
  disconnectWaitMs,
  isStillRevoked,
  reinstatedConcurrently,
  waitForDisconnect,
} from "./revocation/close-hub.ts";
import { PathGate } from "./revocation/path-gate.ts";

/** Characters that the IoT Hub stores of a status reason. */
export const longestReason = 128;

/** How long a revocation waits for a service, in milliseconds. */
export interface RevokeTimeouts {
  /** For all calls that close files or the Flow API. The calls to the IoT Hub have their own limits. Default 2 minutes. */
  limitMs: number;
  /** For the IoT Hub, before the other two access paths are reported without it. Default 5 seconds. */
  hubPatienceMs: number;
}

const defaultTimeouts: RevokeTimeouts = { limitMs: 120_000, hubPatienceMs: 5_000 };

/** For each access path, how many terminals are worked on at once. One set is shared by all terminals of a run. */
export type PathGates = Record<AccessPath, PathGate>;

/** Gates for a run over many terminals. The IoT Hub's registry has its own pacing. */
export function createPathGates(atOnce: number): PathGates {
  return {
    hub: new PathGate("hub", atOnce),
    files: new PathGate("files", atOnce),
    flow: new PathGate("flow", atOnce),
  };
}

/** Options of `revoke`. */
export interface RevokeOptions {
  /** Stored with the device identity; at most `longestReason` characters. */
  reason: string;
  /** The customer ID. Needed for a terminal without a device identity. */
  customer?: string;
  /** How long to wait for the IoT Hub to close an open connection, in milliseconds; default `disconnectWaitMs`. */
  waitMs?: number;
  /** The customers that have a Flow key row for a terminal. Default: a scan of the whole table per terminal. */
  customersOf?: (terminal: string) => Promise<string[]>;
  /** The terminal's customer and site, when they are known. Default: the tags of its twin. */
  tags?: TerminalTags;
  gates?: PathGates;
  timeouts?: Partial<RevokeTimeouts>;
  /** Aborting it reports the access paths that are not closed a few seconds later. */
  signal?: AbortSignal;
  clock?: Clock;
  /** Called as soon as an access path is done. */
  onResult?: (result: AccessPathResult) => void;
}

/**
 * Closes the three access paths of a terminal concurrently, and verifies each one: disables the device identity and
 * replaces both keys, revokes the Flow key rows, and deletes the stored access policy. A service that is away, slow or
 * failing does not stop or delay the other two. Revoking a revoked terminal again changes nothing.
 *
 * An onboarding or reinstatement that runs at the same time may open files and Flow API again. Therefore both are closed
 * once more after the identity is disabled. When the IoT Hub is slow, they are reported before that, and the IoT Hub's
 * result includes it. A reinstatement that starts later is left alone: then the IoT Hub's result is an error that
 * reports it.
 */
export async function revoke(
  terminal: string,
  fleet: Fleet,
  options: RevokeOptions,
): Promise<AccessPathResult[]> {
  const { signal, gates = createPathGates(1), clock = systemClock } = options;
  const { limitMs, hubPatienceMs } = { ...defaultTimeouts, ...options.timeouts };
  const close = reporter(clock, options.onResult);

  const disabling = Promise.withResolvers<boolean>();
  disabling.promise.catch(() => {});
  let isDisablingDone = false;
  const disablingDone = () => {
    isDisablingDone = true;
  };
  disabling.promise.then(disablingDone, disablingDone);
  const readTags = () => (options.tags ? Promise.resolve(options.tags) : fleet.registry.tags(terminal));
  let rows: FlowKeyRows | undefined;

  const firstFlow = gates.flow.run(() => {
    rows = new FlowKeyRows(terminal, fleet, {
      named: options.customer,
      tags: readTags(),
      tagsWaitMs: hubPatienceMs,
      customersOf: options.customersOf ?? ((id) => fleet.flowKeys.customersOf(id)),
    });
    return bounded(rows.revokeKnown(), t`revoking the Flow key rows`, { limitMs, signal });
  }, signal);
  const firstFiles = gates.files.run(
    () => bounded(closeFiles(terminal, fleet, clock), t`closing the files`, { limitMs, signal }),
    signal,
  );
  /** Resolves to true when everything that was opened until then must be closed again. */
  const mustCloseAgain = disabling.promise.then(
    async (isKnown) => isKnown && (await inTime(isStillRevoked(terminal, fleet), hubPatienceMs)) !== false,
    () => false,
  );
  /** The result is undefined when there was nothing to close again. */
  const closeAgain = (first: Promise<unknown>, work: () => Promise<Closed | undefined>, doing: string) => {
    const closing = Promise.all([mustCloseAgain, first]).then(([isNeeded]) =>
      isNeeded ? bounded(work(), doing, { limitMs, signal }) : undefined,
    );
    // It is read only while its access path has no result, or by the IoT Hub's.
    closing.catch(() => {});
    return closing;
  };
  const flowAgain = closeAgain(
    firstFlow,
    async () => rows?.revokeAgain(),
    t`revoking the Flow key rows again`,
  );
  const reopenedFiles = async () => {
    // A run that adds a policy reads the Flow key row afterwards, and deletes the policy when the row is revoked.
    await inTime(flowAgain, hubPatienceMs).catch(() => {});
    return (await fleet.files.hasPolicy(terminal)) ? closeFiles(terminal, fleet, clock) : undefined;
  };
  const filesAgain = closeAgain(firstFiles, reopenedFiles, t`closing the files again`);

  /** The closings that the IoT Hub's result includes, because their access path was reported before. */
  const leftToHub: Promise<unknown>[] = [];
  /** Waits until an access path is closed again, unless the IoT Hub is slow. @returns Undefined without a new result. */
  const awaitAgain = async (again: Promise<Closed | undefined>): Promise<Closed | undefined> => {
    const result = await inTime(again, hubPatienceMs);
    if (result !== late) return result;
    if (isDisablingDone) return again;
    leftToHub.push(again);
    return undefined;
  };
  const flow = close("flow", async () => {
    await firstFlow;
    const again = await awaitAgain(flowAgain);
    return again ?? (await rows?.result()) ?? unknown(t`there is no Flow key row`);
  });
  const files = close("files", async () => {
    const first = await firstFiles;
    return (await awaitAgain(filesAgain)) ?? first;
  });
  const hub = close("hub", () => {
    const closeHub = async () => {
      const isKnown = await disableIdentity(terminal, fleet, options.reason).then(
        (known) => {
          disabling.resolve(known);
          return known;
        },
        (error: unknown) => {
          disabling.reject(error);
          throw error;
        },
      );
      if (!isKnown) return unknown(t`the IoT Hub has no such device identity`);
      await waitForDisconnect(terminal, fleet, options.waitMs ?? disconnectWaitMs, clock);
      await Promise.all(leftToHub);
      // The others do not delay this result when their service is slow.
      await inTime(Promise.all([flow, files]), hubPatienceMs);
      // Checked last: a reinstatement after this check is intentional.
      if (!(await isStillRevoked(terminal, fleet))) throw reinstatedConcurrently();
      return closed(t`device identity disabled, both keys replaced, no open connection`);
    };
    return gates.hub.run(() => bounded(closeHub(), t`closing the IoT Hub`, { signal }), signal);
  });
  // Without a result of disabling the identity, for example after an interruption, nothing is closed again.
  const giveUp = () => disabling.resolve(false);
  hub.then(giveUp, giveUp);
  return Promise.all([hub, files, flow]);
}

/** Runs the closing of an access path, and converts its outcome into a result. */
function reporter(clock: Clock, onResult: RevokeOptions["onResult"]) {
  return async (accessPath: AccessPath, work: () => Promise<Closed>): Promise<AccessPathResult> => {
    const startMs = clock.now();
    let outcome: Omit<AccessPathResult, "accessPath" | "ms">;
    try {
      outcome = { closed: true, ...(await work()) };
    } catch (thrown) {
      const doing = t`closing the access path "${accessPath}"`;
      const explained = explain(thrown, doing);
      // A defect must not hide what became of the other access paths.
      const error =
        explained instanceof OperatorError
          ? explained
          : new OperatorError("defect", `${doing}: ${String(explained)}`, { cause: explained });
      outcome = { closed: false, what: error.message, known: true, error };
    }
    const result = { accessPath, ...outcome, ms: clock.now() - startMs };
    onResult?.(result);
    return result;
  };
}
