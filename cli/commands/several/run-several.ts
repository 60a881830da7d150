import { maxTerminalsPerRecord } from "../../audit-log/record.ts";
import type { Fleet } from "../../azure/fleet.ts";
import { timeAtPace, twinUpdatesPerMinute } from "../../azure/iot-hub/pacing.ts";
import { noDoctorCode } from "../../file-exchange/doctor-report.ts";
import { revokedCode } from "../../file-exchange/exchange.ts";
import type { OnceResult } from "../../file-exchange/many/offer-once.ts";
import { type RunIdentity, RunJournal } from "../../file-exchange/many/run-journal.ts";
import { runInWaves } from "../../file-exchange/many/waves.ts";
import { OperatorError } from "../../lib/operator-error.ts";
import { recordedCustomers } from "../../lifecycle/ownership.ts";
import { count, formatDuration, formatTime } from "../../terminal-ui/format.ts";
import { Progress } from "../../terminal-ui/progress.ts";
import { t } from "../../words/translate.ts";
import type { CommandContext } from "../command.ts";
import { describeLocations } from "../revoke/prompt.ts";
import {
  auditResult,
  reportFailure,
  reportOnce,
  reportSeveral,
  reportSkipped,
  type SeveralResult,
} from "./report.ts";
import type { Targets } from "./select-targets.ts";

/** What a run over several terminals offers to each of them, and how. */
export interface SeveralRun {
  identity: RunIdentity;
  /** The question before the run. @param terminals For example "40 terminals of example-municipality in prod". */
  question(terminals: string): string;
  /** Whether the run is the same one until no terminal failed. Else it ends when all terminals were tried. */
  continuesAfterFailures: boolean;
  /** For the audit record, for example the file's name. */
  details: Record<string, string | number>;
  /** Offers all files to one terminal. */
  offer(terminal: string, journal: RunJournal): Promise<OnceResult[]>;
  options: {
    days: number;
    wave: number;
    stopAfter?: number;
    yes?: boolean;
    reason?: string;
    showLink?: boolean;
  };
}

/**
 * Offers files to several terminals in waves, and reports an outcome for each. Run again after an interruption, it
 * continues: a terminal that has the offers is left alone.
 * @throws OperatorError when a terminal failed or was not tried.
 */
export async function runSeveral(
  targets: Targets,
  run: SeveralRun,
  context: CommandContext & { fleet: Fleet },
): Promise<void> {
  const { options, identity } = run;
  const { output, prompt, fleet } = context;
  const journal = await RunJournal.open(identity, { days: options.days });
  let result: SeveralResult | undefined;
  try {
    const all = [...targets.keys()];
    const left = all.filter((terminal) => !journal.has(terminal));
    if (journal.isContinued) {
      const done = all.length - left.length;
      output.note(
        t`Continues the run of ${formatTime(journal.startedAt)}: ${done} of ${count(all.length, "terminal")} have their offers.`,
      );
    }
    const ms = timeAtPace(left.length, twinUpdatesPerMinute(fleet.hubSize));
    if (!options.yes && left.length > 0) {
      const { lines, owner } = describeLocations(targets);
      const time = ms > 0 ? ` ${t`This takes about ${formatDuration(ms / 1000)}.`}` : "";
      const many = count(left.length, "terminal");
      const { environment } = fleet.outputs;
      await prompt.confirm([...lines, `${run.question(t`${many} of ${owner} in ${environment}`)}${time}`]);
    }
    result = await recordRun(all, left, { run, journal, targets, context, estimatedMs: ms });
  } finally {
    const isTried = result !== undefined && result.notTried.length === 0;
    const isOver = isTried && (result?.failures.length === 0 || !run.continuesAfterFailures);
    await journal.close({ isComplete: isOver });
  }
  reportSeveral(result, context);
}

interface RecordedRun {
  run: SeveralRun;
  journal: RunJournal;
  targets: Targets;
  context: CommandContext & { fleet: Fleet };
  estimatedMs: number;
}

/** Runs the waves as one change of the audit log, whose steps name the terminals of each wave. */
async function recordRun(
  all: string[],
  left: string[],
  { run, journal, targets, context, estimatedMs }: RecordedRun,
): Promise<SeveralResult> {
  const { options, identity, details } = run;
  const { fleet, output, signal } = context;
  const customers = [...targets.values()].flatMap(({ customer }) => (customer ? [customer] : []));
  const isNamed = left.length <= maxTerminalsPerRecord;
  const about = {
    command: identity.command,
    ...recordedCustomers(customers),
    ...(isNamed ? { terminals: left } : { count: left.length }),
    reason: options.reason,
    details: { ...details, days: options.days },
  };
  const counts = { terminals: all.length, unchanged: all.length - left.length, skipped: 0 };
  if (left.length === 0) return { done: [], failures: [], notTried: [], stoppedBy: undefined, ...counts };
  const progress = new Progress({
    total: left.length,
    estimatedSeconds: estimatedMs / 1000,
    perMinute: twinUpdatesPerMinute(fleet.hubSize),
    quiet: output.json,
    stream: output.stderr,
  });
  const offerTo = async (terminal: string) => {
    let hasFailed = false;
    try {
      const offers = await run.offer(terminal, journal);
      await journal.addDone(terminal);
      if (offers.every(({ isNew }) => !isNew)) counts.unchanged++;
      progress.writeAbove(() => reportOnce(terminal, offers, output, options.showLink));
    } catch (error) {
      if (!(error instanceof OperatorError)) throw error;
      if (error.code === revokedCode || error.code === noDoctorCode) {
        counts.skipped++;
        progress.writeAbove(() => reportSkipped(terminal, error, output));
        return;
      }
      hasFailed = true;
      if (error.outcome !== "interrupted") {
        progress.writeAbove(() => reportFailure(terminal, error, output));
      }
      throw error;
    } finally {
      progress.count({ hasFailed });
    }
  };
  try {
    return await fleet.audit.record(
      about,
      async (change) => {
        const result = await runInWaves(
          left,
          {
            begin: async (terminals) => {
              if (!isNamed) await change.before(terminals);
            },
            handle: offerTo,
            end: async (done, failures) => {
              await journal.sync();
              const failed = failures.map(({ terminal, error }) => ({
                terminal,
                message: error.message,
                ...(error.code ? { code: error.code } : {}),
              }));
              await change.after(done, failed);
            },
          },
          { firstSize: options.wave, stopAfter: options.stopAfter, signal },
        );
        return { ...result, ...counts };
      },
      auditResult,
    );
  } finally {
    progress.stop();
  }
}
