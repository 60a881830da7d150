import { timeAtPace } from "../../azure/iot-hub/pacing.ts";
import type { BundleFolder } from "../../credentials/bundle-folder.ts";
import { OperatorError } from "../../lib/operator-error.ts";
import type { Batch } from "../../onboarding/batch-file/batch.ts";
import { type ImportMode, isImported } from "../../onboarding/import-scheduler.ts";
import type { OnboardingContext, TerminalResult } from "../../onboarding/onboard-chunk.ts";
import { count, formatDuration, formatTable } from "../../terminal-ui/format.ts";
import { errorValue, type Output } from "../../terminal-ui/output.ts";
import { Progress } from "../../terminal-ui/progress.ts";
import { t } from "../../words/translate.ts";

/** Failures that are listed for people; `--json` lists all. */
const maxListedFailures = 100;

/** Counts and reports the results of an onboarding run. */
export class OnboardingReport {
  private readonly batch: Batch;
  private readonly folder: BundleFolder;
  private readonly output: Output;
  private readonly progress: Progress;
  private readonly startedAt = Date.now();
  private readonly counts: Record<TerminalResult["outcome"], number> = {
    onboarded: 0,
    unchanged: 0,
    failed: 0,
  };
  private readonly failures: TerminalResult[] = [];
  /** Terminals that have a device identity and no result yet. */
  private readonly identified = new Set<string>();

  constructor(
    batch: Batch,
    { folder, fleet }: Pick<OnboardingContext, "folder" | "fleet">,
    output: Output,
    importMode: ImportMode,
  ) {
    this.batch = batch;
    this.folder = folder;
    this.output = output;
    const perMinute = fleet.registryOperationsPerMinute;
    // Import jobs have no throttle.
    const isPaced = !isImported(importMode, batch.terminals, perMinute);
    this.progress = new Progress({
      total: batch.terminals,
      estimatedSeconds: isPaced ? timeAtPace(batch.terminals, perMinute) / 1000 : 0,
      ...(isPaced ? { perMinute } : {}),
      quiet: output.json,
      stream: output.stderr,
    });
  }

  readonly addIdentified = (terminals: string[]): void => {
    for (const terminal of terminals) this.identified.add(terminal);
  };

  readonly addResult = (result: TerminalResult): void => {
    const { terminal, outcome, error } = result;
    this.counts[outcome]++;
    this.identified.delete(terminal);
    this.progress.count({ hasFailed: outcome === "failed", isFree: outcome === "unchanged" });
    if (this.output.json) {
      const value = { terminal, outcome, ...(error ? { error: errorValue(error) } : {}) };
      this.output.result("terminal", value, "");
    } else if (error && this.failures.length < maxListedFailures) this.failures.push(result);
  };

  /** Ends the progress line, and writes the failures and the summary. */
  writeSummary(): void {
    this.progress.stop();
    this.writeFailures();
    const seconds = Math.round((Date.now() - this.startedAt) / 100) / 10;
    const { customer, terminals, sites } = this.batch;
    const { onboarded, unchanged, failed } = this.counts;
    const begun = this.identified.size;
    const left = terminals - onboarded - unchanged - failed - begun;
    const folder = this.folder.path;
    const value = { customer, terminals, sites, ...this.counts, begun, left, seconds, folder };
    const rows: [string, string | number][] = [
      [t`customer`, customer],
      [t`terminals`, t`${terminals} at ${count(sites, "site")}`],
      [t`onboarded now`, onboarded],
      [t`unchanged`, unchanged],
      [t`failed`, failed],
    ];
    if (begun > 0) rows.push([t`half onboarded`, t`${begun}, with a device identity and no Flow key row`]);
    if (left > 0) rows.push([t`not tried`, left]);
    rows.push([t`time`, formatDuration(seconds)], [t`credential bundles`, folder]);
    this.output.result("summary", value, formatTable(rows));
  }

  /** @throws OperatorError when a terminal failed. */
  expectAllOnboarded(): void {
    const { failed } = this.counts;
    if (failed === 0) return;
    const message = t`${failed} of ${count(this.batch.terminals, "terminal")} not onboarded`;
    throw new OperatorError("failed", message, {
      remedy: t`Follow the remedy of each, and run the same command again: it continues.`,
    });
  }

  private writeFailures(): void {
    for (const { terminal, error } of this.failures) {
      if (!error) continue;
      this.output.note(error.about(`${terminal}: `).lines);
      this.output.collectRemedy(terminal, error);
    }
    this.output.writeRemedies("notes");
    const notListed = this.counts.failed - this.failures.length;
    if (notListed > 0 && this.failures.length > 0) {
      this.output.note(t`… and ${notListed} more; --json lists all.`);
    }
  }
}
