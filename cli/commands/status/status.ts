import { existsSync } from "node:fs";
import { checkCustomerId, checkSite } from "../../arguments/identifiers.ts";
import { connectToFleet } from "../../arguments/stack-connection.ts";
import type { Fleet } from "../../azure/fleet.ts";
import type { Findings } from "../../fleet-status/findings.ts";
import { addToSummary, createSummary, readFleetStatus } from "../../fleet-status/fleet-status.ts";
import { renderPage } from "../../fleet-status/html/page.ts";
import { readSharedKeys } from "../../fleet-status/shared-keys.ts";
import { SimilarSiteFinder } from "../../fleet-status/similar-sites.ts";
import { Sites } from "../../fleet-status/sites.ts";
import { OperatorError } from "../../lib/operator-error.ts";
import { writeWholeFile } from "../../lib/write-whole-file.ts";
import { parseLabelFilter } from "../../lifecycle/labels.ts";
import { findUnknownPlace } from "../../lifecycle/unknown-names.ts";
import { Journal } from "../../onboarding/journal.ts";
import { listImports, type StoredImport } from "../../onboarding/stored-imports.ts";
import { formatTable } from "../../terminal-ui/format.ts";
import type { Output } from "../../terminal-ui/output.ts";
import { t } from "../../words/translate.ts";
import type { CommandContext } from "../command.ts";
import type { StatusOptions } from "./definition.ts";
import { summaryRows } from "./summary.ts";
import { StatusTable } from "./table.ts";

/** `status`: shows the state of the terminals as a table, as JSON lines, or as an HTML page. */
export async function run(
  terminal: string | undefined,
  options: StatusOptions,
  context: CommandContext,
): Promise<void> {
  if (terminal !== undefined) return showTerminal(terminal, options, context);
  const { output, signal } = context;
  const customer = checkCustomerId(options.customer);
  const site = checkSite(options.site);
  const requested = options.state && new Set(options.state);
  const fleet = await connectToFleet(options, context);
  const { environment, hubHostName } = fleet.outputs;
  const now = Date.now();
  const summary = createSummary();
  const sites = options.html === undefined ? undefined : new Sites();
  const similarSites = new SimilarSiteFinder();
  const table = new StatusTable(output.stdout, now);
  const statuses = readFleetStatus(fleet, {
    sharedKeys: await readSharedKeys(fleet.hubLogs, (message) => output.warning(message)),
    customer,
    site,
    states: requested,
    labels: options.label?.map(parseLabelFilter),
    policies: options.policies,
    journal: options.batch === undefined ? undefined : findJournal(options.batch, hubHostName),
    onTerminal: (status) => similarSites.add(status),
    now,
  });
  for await (const status of statuses) {
    if (signal.aborted) throw new OperatorError("interrupted", t`interrupted`);
    addToSummary(summary, status);
    sites?.add(status);
    if (output.json) output.result("terminal", status, "");
    else if (!sites) table.add(status);
  }
  table.end();
  const unknown = summary.terminals === 0 ? await findUnknownPlace(fleet, { customer, site }) : undefined;
  if (unknown) throw unknown;
  const { imports, error: importsError } =
    site === undefined ? await readImports(fleet, customer, output) : { imports: [] };
  const findings: Findings = { similarSites: similarSites.groups(site), imports };
  const labels = options.label?.join(", ");
  const scope = [customer, site, labels, requested && inStates([...requested])].filter(Boolean).join(", ");
  if (sites && options.html !== undefined) {
    await writeWholeFile(options.html, renderPage(sites, { environment, hubHostName, scope, now, findings }));
    output.note(t`The page is ${options.html}.`);
  }
  if (summary.terminals === 0)
    output.note(scope ? t`No terminal matches ${scope}.` : t`No terminal matches.`);
  if (!similarSites.isComplete) {
    output.warning(
      t`The fleet has more sites than are compared: further names that look alike are not reported.`,
    );
  }
  if (output.json) {
    for (const group of findings.similarSites) output.result("similar-sites", group, "");
    for (const one of findings.imports) output.result("import", one, "");
  }
  const seconds = Math.round((Date.now() - now) / 100) / 10;
  const counts = { similarSites: findings.similarSites.length, imports: findings.imports.length };
  output.result("summary", { ...summary, ...counts, seconds }, [
    "",
    ...formatTable(summaryRows(summary, findings, seconds)),
  ]);
  if (importsError) throw importsError;
}

/** `status TERMINAL` is `show TERMINAL`. */
async function showTerminal(
  terminal: string,
  options: StatusOptions,
  context: CommandContext,
): Promise<void> {
  const { customer, site, label, state, policies, batch, html, ...stack } = options;
  if ([customer, site, label, state, policies, batch, html].some((option) => option !== undefined)) {
    throw new OperatorError("usage", t`TERMINAL excludes all options but --stack, --outputs and --json`);
  }
  const show = await import("../show/show.ts");
  await show.run(terminal, stack, context);
}

/**
 * The imports whose device keys are in the imports account. For an operator who may not read it, that is a warning.
 * @returns The imports, or why the account could not be read: the rest of the status is shown before that error.
 */
async function readImports(
  fleet: Fleet,
  customer: string | undefined,
  output: Output,
): Promise<{ imports: StoredImport[]; error?: OperatorError }> {
  try {
    const imports = await listImports(fleet.imports);
    return { imports: imports.filter((one) => customer === undefined || one.customer === customer) };
  } catch (error) {
    if (!(error instanceof OperatorError) || error.outcome === "interrupted") throw error;
    if (error.outcome !== "notAllowed") return { imports: [], error };
    output.warning(
      t`Device keys that interrupted imports may have left could not be looked up: ${error.message}`,
    );
    return { imports: [] };
  }
}

/** The states that were asked for: "in state revoked or offline". `--state` takes these words, in every language. */
function inStates(states: string[]): string {
  return t`in state ${states.reduce((all, state) => t`${all} or ${state}`)}`;
}

function findJournal(batch: string, hubHostName: string): string {
  const path = Journal.pathFor(batch, hubHostName);
  if (existsSync(path)) return path;
  throw new OperatorError(
    "usage",
    t`${batch} has no journal for ${hubHostName}: the file ${path} does not exist`,
    { remedy: t`Run the command where the batch was onboarded, or without --batch.` },
  );
}
