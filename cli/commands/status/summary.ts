import { type Drift, openAccessPaths, states } from "../../fleet-status/drift.ts";
import { formatDriftCount } from "../../fleet-status/drift-words.ts";
import { type Findings, formatImports, formatSimilarSites } from "../../fleet-status/findings.ts";
import type { Summary } from "../../fleet-status/fleet-status.ts";
import { formatFiles, stateLabel } from "../../fleet-status/format.ts";
import { formatDuration } from "../../terminal-ui/format.ts";
import { t } from "../../words/translate.ts";

const maxSimilar = 20;

/** Rows of the summary below the table. */
export function summaryRows(
  summary: Summary,
  { similarSites: similar, imports }: Findings,
  seconds: number,
): [string, string | number][] {
  const { terminals, drifting, rotating, files } = summary;
  const rows: [string, string | number][] = [[t`terminals`, terminals]];
  for (const state of states) {
    if (summary.states[state] > 0) rows.push([stateLabel(state), summary.states[state]]);
  }
  if (rotating > 0) rows.push([t`getting new keys`, rotating]);
  rows.push([t`files`, formatFiles(files) || t`no offers`], [t`need attention`, drifting]);
  for (const [name, number] of driftsByWeight(summary)) {
    rows.push(["", formatDriftCount(name, number)]);
  }
  for (const [index, group] of similar.slice(0, maxSimilar).entries()) {
    rows.push([index === 0 ? t`similar sites` : "", formatSimilarSites(group)]);
  }
  if (similar.length > maxSimilar)
    rows.push(["", t`and ${similar.length - maxSimilar} more groups of similar sites`]);
  for (const [index, line] of formatImports(imports).entries()) {
    rows.push([index === 0 ? t`device keys` : "", line]);
  }
  rows.push([t`time`, formatDuration(seconds)]);
  return rows;
}

/** Drifts with an open access path come first. */
function driftsByWeight(summary: Summary): [Drift, number][] {
  const entries = Object.entries(summary.drift) as [Drift, number][];
  return entries.sort(([a], [b]) => Number(openAccessPaths.has(b)) - Number(openAccessPaths.has(a)));
}
