import { OperatorError } from "../lib/operator-error.ts";
import { t } from "../words/translate.ts";
import { ChangeCollector, type ChangeSummary } from "./change-collector.ts";
import type { AuditReader } from "./log-reader.ts";

const dayMs = 86_400_000;
/** Days that are read first. Most questions are about them, and a log of years takes long to read. */
const recentDays = 90;

/**
 * The last changes of a terminal, the oldest first. The whole log is read only when the last 90 days hold none.
 * @param most Number of changes.
 */
export async function readLatestChanges(
  reader: Pick<AuditReader, "records">,
  terminal: string,
  { most, now, signal }: { most: number; now: number; signal: AbortSignal },
): Promise<ChangeSummary[]> {
  const read = async (since: Date | undefined) => {
    const changes = new ChangeCollector({ terminal, since });
    const last: ChangeSummary[] = [];
    for await (const record of reader.records(since)) {
      if (signal.aborted) throw new OperatorError("interrupted", t`interrupted`);
      const { ended } = changes.add(record);
      if (ended) last.push(ended);
      if (last.length > most) last.shift();
    }
    return [...last, ...changes.unfinished()].slice(-most);
  };
  const recent = await read(new Date(now - recentDays * dayMs));
  return recent.length > 0 ? recent : read(undefined);
}
