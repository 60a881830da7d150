import pMap from "p-map";
import type { ChangeResult, TerminalFailure } from "../../audit-log/record.ts";
import type { Fleet } from "../../azure/fleet.ts";
import { timeAtPace } from "../../azure/iot-hub/pacing.ts";
import type { OperatorError } from "../../lib/operator-error.ts";
import type { AccessPathResult } from "../../lifecycle/revocation/access-path.ts";
import { createPathGates, revoke } from "../../lifecycle/revoke.ts";
import type { TerminalLocation } from "../../lifecycle/select-terminals.ts";
import type { Output } from "../../terminal-ui/output.ts";
import { Progress } from "../../terminal-ui/progress.ts";
import { t } from "../../words/translate.ts";
import type { RevokeOptions } from "./definition.ts";
import {
  accessPathError,
  ofOtherCustomer,
  type RevocationCounts,
  type RevocationFailure,
  reportAccessPath,
  reportRevocation,
} from "./report.ts";

/** Terminals at once at each access path. The IoT Hub's registry has its own pacing. */
const concurrentTerminals = 32;
/** Terminals with an access path in work. It is large, so that a slow service does not delay the other two. */
const startedTerminals = 5_000;

export interface RevokeRunContext {
  fleet: Fleet;
  output: Output;
  options: Pick<RevokeOptions, "reason" | "wait">;
  /** The customer whose Flow key row is closed, for a terminal that the IoT Hub no longer has. */
  customer: string | undefined;
  signal: AbortSignal;
  /** For several terminals: the customers of each terminal's Flow key rows, read for all of them at once. */
  customers?: ReadonlyMap<string, string[]>;
  /** For several terminals: their customers and sites, as they were selected. */
  locations?: ReadonlyMap<string, TerminalLocation>;
  /** Why terminals may be missing from the selection; undefined when both services could be read. */
  incomplete?: OperatorError;
  /** Terminals that are not revoked, because the IoT Hub's tag names another customer; with that customer. */
  elsewhere?: ReadonlyMap<string, string>;
}

/** Revokes terminals, and counts and reports the results. */
export class RevokeRun {
  readonly targets: string[];
  readonly revoked: string[] = [];
  private readonly context: RevokeRunContext;
  private readonly open: RevocationFailure[] = [];
  /** Started, and interrupted before all access paths were closed. */
  private readonly interrupted: RevocationFailure[] = [];
  /** Terminals that the IoT Hub's query listed and that no service has. */
  private gone = 0;
  private progress: Progress | undefined;
  private readonly startedAt = Date.now();
  private readonly gates = createPathGates(concurrentTerminals);

  constructor(targets: string[], context: RevokeRunContext) {
    this.targets = targets;
    this.context = context;
    for (const [terminal, owner] of context.elsewhere ?? []) {
      this.open.push({ terminal, error: ofOtherCustomer(terminal, owner) });
    }
  }

  async revokeAll(): Promise<void> {
    const { fleet, output } = this.context;
    if (!this.isSingle) {
      const estimatedMs = timeAtPace(this.targets.length, fleet.registryOperationsPerMinute);
      this.progress = new Progress({
        total: this.targets.length,
        estimatedSeconds: estimatedMs / 1000,
        perMinute: fleet.registryOperationsPerMinute,
        quiet: output.json,
        stream: output.stderr,
      });
    }
    try {
      await pMap(this.targets, (terminal) => this.revokeOne(terminal), { concurrency: startedTerminals });
    } finally {
      this.progress?.stop();
    }
  }

  /** Terminals that are not revoked, for the audit log. */
  failures(): TerminalFailure[] {
    return [...this.open, ...this.interrupted].map(({ terminal, error }) => ({
      terminal,
      message: error.message,
    }));
  }

  /** The result, for the audit log. */
  auditResult(): ChangeResult {
    const { closed, open, left } = this.counts();
    const details = { closed, open, ...(left > 0 ? { left } : {}) };
    const message = this.open[0]?.error.message;
    if (left > 0) return { outcome: "interrupted", ...(message ? { message } : {}), details };
    return message ? { outcome: "failed", message, details } : { outcome: "done", details };
  }

  /** Reports the result. @throws OperatorError when a terminal is not revoked. */
  report(): void {
    const seconds = (Date.now() - this.startedAt) / 1000;
    const single = this.isSingle ? this.targets[0] : undefined;
    const { open, interrupted } = this;
    const { output, incomplete } = this.context;
    reportRevocation({ single, counts: this.counts(), seconds, open, interrupted, incomplete }, output);
  }

  private get isSingle(): boolean {
    const { elsewhere, incomplete } = this.context;
    return this.targets.length === 1 && !elsewhere?.size && !incomplete;
  }

  private counts(): RevocationCounts {
    const open = this.open.length;
    const closed = this.revoked.length;
    const cutShort = this.interrupted.length;
    const terminals = this.targets.length + (this.context.elsewhere?.size ?? 0);
    const notTried = terminals - closed - open - cutShort - this.gone;
    return { terminals, closed, open, gone: this.gone, cutShort, notTried, left: cutShort + notTried };
  }

  private async revokeOne(terminal: string): Promise<void> {
    const { fleet, signal, options, customer, customers, locations, output } = this.context;
    if (signal.aborted) return;
    const accessPaths = await revoke(terminal, fleet, {
      reason: options.reason,
      customer,
      waitMs: options.wait * 1000,
      ...(customers ? { customersOf: async (id) => customers.get(id) ?? [] } : {}),
      tags: locations?.get(terminal),
      gates: this.gates,
      signal,
      onResult: (accessPath) => this.showAccessPath(terminal, accessPath),
    });
    if (accessPaths.every(({ error }) => error?.outcome === "interrupted" && error.code === "NotTried"))
      return;
    const error = accessPathError(terminal, accessPaths);
    const isUnknown = error?.code === "NoSuchTerminal";
    if (!error) this.revoked.push(terminal);
    // The IoT Hub's query still lists devices for a while after their deletion. Their names were not typed.
    else if (isUnknown && locations) {
      this.gone++;
      this.write(() => output.note(t`${terminal} no longer exists in any service`));
    } else if (error.outcome === "interrupted") this.interrupted.push({ terminal, error });
    else this.open.push({ terminal, error });
    const hasFailed = error !== undefined && !isUnknown && error.outcome !== "interrupted";
    this.progress?.count({ hasFailed });
  }

  private showAccessPath(terminal: string, accessPath: AccessPathResult): void {
    const { output } = this.context;
    // Of several terminals, people see only the access paths that are still open.
    const isHidden = accessPath.closed || accessPath.error?.outcome === "interrupted";
    if (!this.isSingle && !output.json && isHidden) return;
    this.write(() => reportAccessPath(terminal, accessPath, { isSingle: this.isSingle, output }));
  }

  private write(write: () => void): void {
    if (this.progress) this.progress.writeAbove(write);
    else write();
  }
}
