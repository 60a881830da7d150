import { existsSync } from "node:fs";
import { rename, writeFile } from "node:fs/promises";
import { checkedCustomer, checkedSite } from "../../arguments/identifiers.ts";
import { connectTo, type StackOptions } from "../../arguments/stack.ts";
import { type Drift, openAccessPaths, type State, states } from "../../fleet-status/drift.ts";
import {
  addToSummary,
  createSummary,
  readFleetStatus,
  type Summary,
} from "../../fleet-status/fleet-status.ts";
import { formatDriftCount, formatFiles, stateLabels } from "../../fleet-status/format.ts";
import { renderPage } from "../../fleet-status/html/page.ts";
import { Sites } from "../../fleet-status/sites.ts";
import { fileError } from "../../lib/file-errors.ts";
import { OperatorError } from "../../lib/operator-error.ts";
import { Journal } from "../../onboarding/journal.ts";
import { duration, Output, table } from "../../terminal-ui/output.ts";
import { StatusTable } from "./table.ts";

export interface StatusOptions extends StackOptions {
  customer?: string;
  site?: string;
  state?: (State | "drift")[];
  policies?: boolean;
  /** A batch, whose journal is compared. */
  batch?: string;
  html?: string;
}

/** `status`: how the fleet, or a part of it, stands; as a table, as JSON lines, or as a page. */
export async function statusCommand(options: StatusOptions, signal: AbortSignal): Promise<void> {
  const customer = checkedCustomer(options.customer);
  const site = checkedSite(options.site);
  const asked = options.state && new Set(options.state);
  const output = new Output(options);
  const fleet = await connectTo(options, signal);
  const { environment, hubHostName } = fleet.outputs;
  const now = Date.now();
  const summary = createSummary();
  const sites = options.html === undefined ? undefined : new Sites();
  const lines = new StatusTable((text) => process.stdout.write(text), now);
  const found = readFleetStatus(fleet, {
    customer,
    site,
    states: asked,
    policies: options.policies,
    journal: options.batch === undefined ? undefined : journalOf(options.batch, hubHostName),
    now,
  });
  for await (const status of found) {
    if (signal.aborted) throw new OperatorError("interrupted", "interrupted");
    addToSummary(summary, status);
    sites?.add(status);
    if (output.json) output.result("terminal", status, "");
    else if (!sites) lines.add(status);
  }
  lines.end();
  if (sites && options.html !== undefined) {
    const scope = [customer, site, asked && `in state ${[...asked].join(" or ")}`];
    const head = { environment, hubHostName, scope: scope.filter(Boolean).join(", "), now };
    await writePage(options.html, renderPage(sites, head));
    output.note(`The page is ${options.html}.`);
  }
  const seconds = Math.round((Date.now() - now) / 100) / 10;
  output.result("summary", { ...summary, seconds }, `\n${table(rowsOf(summary, seconds))}`);
}

function journalOf(batch: string, hubHostName: string): string {
  const path = Journal.pathFor(batch, hubHostName);
  if (existsSync(path)) return path;
  throw new OperatorError("usage", `${batch} has no journal for ${hubHostName}: there is no ${path}`);
}

/** The page is there as a whole or not at all, and only its owner reads it: it names customers and their sites. */
async function writePage(path: string, text: string): Promise<void> {
  try {
    await writeFile(`${path}.partial`, text, { mode: 0o600 });
    await rename(`${path}.partial`, path);
  } catch (error) {
    throw fileError(path, "written", error);
  }
}

function rowsOf(summary: Summary, seconds: number): [string, string | number][] {
  const { terminals, drifting, rotating, files } = summary;
  const byWeight = Object.entries(summary.drift) as [Drift, number][];
  byWeight.sort(([a], [b]) => Number(openAccessPaths.has(b)) - Number(openAccessPaths.has(a)));
  return [
    ["terminals", terminals],
    ...states.flatMap((state): [string, number][] =>
      summary.states[state] > 0 ? [[stateLabels[state], summary.states[state]]] : [],
    ),
    ...(rotating > 0 ? [["getting new keys", rotating] as [string, number]] : []),
    ["files", formatFiles(files) || "none under way"],
    ["need attention", drifting],
    ...byWeight.map(([name, count]): [string, string] => ["", formatDriftCount(name, count)]),
    ["time", duration(seconds)],
  ];
}
