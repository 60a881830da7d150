import type { ChangeResult } from "../../audit-log/record.ts";
import type { OnceResult } from "../../file-exchange/many/offer-once.ts";
import type { WaveResult } from "../../file-exchange/many/waves.ts";
import type { Direction } from "../../file-exchange/offers/offer.ts";
import { OperatorError } from "../../lib/operator-error.ts";
import { count, formatBytes, formatTime } from "../../terminal-ui/format.ts";
import { errorValue, type Output } from "../../terminal-ui/output.ts";
import { t } from "../../words/translate.ts";

/** The result of a run, with numbers of terminals: all, those that had their offers before, and the revoked ones. */
export type SeveralResult = WaveResult & { terminals: number; unchanged: number; skipped: number };

const runAgain = () => t`Run this again: it continues. Terminals that have the offer are left alone.`;

/** Reports the offers of one terminal, each on a line. */
export function reportOnce(terminal: string, offers: OnceResult[], output: Output, showLink = false): void {
  for (const { id, offer, isNew, state } of offers) {
    const { name, validUntil, url, direction } = offer;
    const size = offer.direction === "download" ? offer.size : undefined;
    const value = {
      ...{ terminal, id, name, direction },
      ...(size === undefined ? {} : { size }),
      ...{ validUntil, new: isNew, state: state ?? "waiting" },
      ...(showLink ? { url } : {}),
    };
    const what = size === undefined ? name : `${name} (${formatBytes(size)})`;
    const progress = isNew
      ? describeNew(direction, what, validUntil)
      : describeEarlier(direction, what, state);
    const line = `${terminal}: ${progress}  ${id}`;
    output.result("file", value, line);
    if (showLink) output.note(url);
  }
}

function describeNew(direction: Direction, what: string, validUntil: string): string {
  const time = formatTime(validUntil);
  return direction === "download"
    ? t`${what} is offered until ${time}`
    : t`${what} is requested until ${time}`;
}

function describeEarlier(direction: Direction, what: string, state: OnceResult["state"]): string {
  if (direction === "download") {
    return state === "done" ? t`${what} was downloaded before` : t`${what} was offered before`;
  }
  return state === "done" ? t`${what} is delivered and not collected yet` : t`${what} was requested before`;
}

/** Reports a terminal whose offers failed. */
export function reportFailure(terminal: string, error: OperatorError, output: Output): void {
  output.result("failed", { terminal, ...errorValue(error) }, error.about(`${terminal}: `).lines);
  output.collectRemedy(terminal, error);
}

/** Reports a terminal that gets no offer, because it is revoked, or offers no doctor's report. That is not a failure. */
export function reportSkipped(terminal: string, { message }: OperatorError, output: Output): void {
  output.result("skipped", { terminal, message }, t`left out: ${message}`);
}

/** The result of a run, for the audit log. */
export function auditResult(result: SeveralResult): ChangeResult {
  const { failures, notTried } = result;
  const details = countResult(result);
  const message = failures[0]?.error.message;
  const about = { ...(message ? { message } : {}), details };
  if (result.stoppedBy === "interrupted") return { outcome: "interrupted", ...about };
  return { outcome: failures.length + notTried.length > 0 ? "failed" : "done", ...about };
}

/** Reports a run. @throws OperatorError when a terminal failed or was not tried. */
export function reportSeveral(result: SeveralResult, { output }: { output: Output }): void {
  const { failures, notTried, stoppedBy } = result;
  const counts = countResult(result);
  const { offered, unchanged, skipped, failed, left } = counts;
  const parts = [
    t`${offered} offered`,
    t`${unchanged} unchanged`,
    ...(skipped > 0 ? [t`${skipped} left out`] : []),
    t`${failed} failed`,
    ...(left > 0 ? [t`${left} not tried`] : []),
  ];
  output.writeRemedies();
  output.result("summary", counts, parts.join(", "));
  if (stoppedBy === "interrupted" || failures.some(({ error }) => error.outcome === "interrupted")) {
    throw new OperatorError("interrupted", t`interrupted`, { remedy: runAgain() });
  }
  const all = count(result.terminals, "terminal");
  const message = left > 0 ? t`${failed} of ${all} failed, ${left} not tried` : t`${failed} of ${all} failed`;
  if (stoppedBy instanceof OperatorError) {
    throw new OperatorError(stoppedBy.outcome, message, { code: stoppedBy.code, remedy: runAgain() });
  }
  if (stoppedBy === "failures") {
    throw new OperatorError("failed", t`stopped (--stop-after): ${message}`, {
      remedy: t`Follow the remedy of each. ${runAgain()}`,
    });
  }
  if (failures.length > 0 || notTried.length > 0) {
    const outcome = failures.find(({ error }) => error.outcome !== "failed")?.error.outcome ?? "failed";
    throw new OperatorError(outcome, message, { remedy: t`Follow the remedy of each. ${runAgain()}` });
  }
}

function countResult({ terminals, failures, notTried, unchanged, skipped }: SeveralResult) {
  const failed = failures.length;
  const left = notTried.length;
  const offered = terminals - unchanged - skipped - failed - left;
  return { terminals, offered, unchanged, skipped, failed, left };
}
