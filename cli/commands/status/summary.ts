import { type Drift, openAccessPaths, states } from "../../fleet-status/drift.ts";
import type { Summary } from "../../fleet-status/fleet-status.ts";
import { formatDriftCount, formatFiles, stateLabels } from "../../fleet-status/format.ts";
import { formatDuration } from "../../terminal-ui/format.ts";

/** Rows of the summary below the table. */
export function summaryRows(summary: Summary, seconds: number): [string, string | number][] {
  const { terminals, drifting, rotating, files } = summary;
  const rows: [string, string | number][] = [["terminals", terminals]];
  for (const state of states) {
    if (summary.states[state] > 0) rows.push([stateLabels[state], summary.states[state]]);
  }
  if (rotating > 0) rows.push(["getting new keys", rotating]);
  rows.push(["files", formatFiles(files) || "no offers"], ["need attention", drifting]);
  for (const [name, number] of driftsByWeight(summary)) {
    rows.push(["", formatDriftCount(name, number)]);
  }
  rows.push(["time", formatDuration(seconds)]);
  return rows;
}

/** Drifts with an open access path come first. */
function driftsByWeight(summary: Summary): [Drift, number][] {
  const entries = Object.entries(summary.drift) as [Drift, number][];
  return entries.sort(([a], [b]) => Number(openAccessPaths.has(b)) - Number(openAccessPaths.has(a)));
}
