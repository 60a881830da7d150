import { t } from "../../words/translate.ts";
import { hasOpenAccessPath } from "../customers.ts";
import type { TerminalStatus } from "../drift.ts";
import { describeDrift } from "../drift-words.ts";
import { formatAge, formatFiles, formatRemarks, stateLabel } from "../format.ts";
import { html, Markup } from "./markup.ts";
import { renderLegend } from "./site-svg.ts";

/** A longer ID may break on a narrow screen, where it does not fit on one line. */
const longId = 34;

/** An ID, which does not break at its hyphens. */
export function renderId(id: string): Markup {
  return html`<span class="id${id.length > longId ? " long" : ""}">${id}</span>`;
}

/** A time ago, on one line: "3 min ago". Empty when the terminal was never seen. */
function renderSeen(lastSeen: string | undefined, now: number): Markup {
  return lastSeen ? html`<span class="age">${t`${formatAge(lastSeen, now)} ago`}</span>` : html``;
}

/** Labels, one box each; empty without labels. */
function renderLabels({ labels = {} }: TerminalStatus): Markup {
  const entries = Object.entries(labels);
  if (entries.length === 0) return html``;
  return html`<span class="labels">${entries.map(([key, value]) => html`<span class="label">${key}=${value}</span> `)}</span>`;
}

/** A table of terminals with drift, with the remedy beside each. */
export function renderDriftTable(terminals: readonly TerminalStatus[], now: number): Markup {
  const names = [t`Terminal`, t`Site`, t`State`, t`Last seen`, t`Drift and remedy`];
  return html`<table class="drift" role="table">
<thead role="rowgroup"><tr role="row">${names.map((name) => html`<th role="columnheader" scope="col">${name}</th>`)}</tr></thead>
<tbody role="rowgroup">
${terminals.map((one) => renderDriftRow(one, now))}</tbody></table>`;
}

/* The roles keep the table a table for screen readers where the style shows its rows as blocks. */
function renderDriftRow(one: TerminalStatus, now: number): Markup {
  const sentences = one.drift.map((name, index) => [index > 0 ? lineEnd : "", describeDrift(name)]);
  return html`<tr role="row"><td role="cell">${renderId(one.terminal)}</td><td role="cell">${one.site ?? ""} ${renderLabels(one)}</td>
<td role="cell">${renderLegend(one.state)} ${stateLabel(one.state)}</td><td role="cell">${renderSeen(one.lastSeen, now)}</td>
<td role="cell" class="remedy${hasOpenAccessPath(one) ? " alert" : ""}">${sentences}</td></tr>
`;
}

const lineEnd = new Markup("<br/>");

/**
 * A list of all terminals of a site, closed at first. It opens above what is below it, and moves nothing.
 * @param label Name of the list for screen readers.
 */
export function renderTerminalList(
  terminals: readonly TerminalStatus[],
  { label, now }: { label: string; now: number },
): Markup {
  return html`<details class="list" name="list"><summary>${t`List`}</summary>
<ul class="panel" tabindex="0" aria-label="${label}">
${terminals.map((one) => renderTerminal(one, now))}</ul></details>`;
}

function renderTerminal(one: TerminalStatus, now: number): Markup {
  const files = formatFiles(one.files);
  const details = [
    one.name ? html`${one.name}` : undefined,
    one.lastSeen ? html`<span class="age">${t`seen ${formatAge(one.lastSeen, now)} ago`}</span>` : undefined,
    one.keysFrom ? html`<span class="age">${t`key age ${formatAge(one.keysFrom, now)}`}</span>` : undefined,
    files ? html`${t`files: ${files}`}` : undefined,
    ...formatRemarks({ ...one, labels: undefined }).map((remark) => html`${remark}`),
  ].filter((detail) => detail !== undefined);
  const separated = details.map((detail, index) => [index > 0 ? "; " : "", detail]);
  const alert = hasOpenAccessPath(one) ? " alert" : "";
  return html`<li>${renderId(one.terminal)} ${stateLabel(one.state)}<p>${separated}</p>${renderLabels(one)}${one.drift.map((name) => html`<p class="remedy${alert}">${describeDrift(name)}</p>`)}</li>
`;
}
