import { count, t } from "../../words/translate.ts";
import { type State, states } from "../drift.ts";
import { describeDrift } from "../drift-words.ts";
import { formatAge, stateLabel } from "../format.ts";
import type { Site } from "../sites.ts";
import { html, lineBreak, type Markup } from "./markup.ts";

/** Squares in a row of a site. */
const columns = 20;
const squareSize = 12;
const gap = 3;
const step = squareSize + gap;

/** A site with more terminals is drawn as a bar. */
const maxSquares = 400;

/** One shape a state. The shapes differ in form as well as colour. They are defined once and referenced by ID. */
export const shapeDefinitions: Markup = html`<svg width="0" height="0" class="shapes" aria-hidden="true"><defs>
<g id="connected"><rect width="12" height="12" rx="2.5" class="connected"/></g>
<g id="offline"><rect width="12" height="12" rx="2.5" class="offline"/><rect x="3" y="5" width="6" height="2" class="mark"/></g>
<g id="never-seen"><rect x=".75" y=".75" width="10.5" height="10.5" rx="2" class="never-seen"/></g>
<g id="revoked"><rect width="12" height="12" rx="2.5" class="revoked"/><path d="M3.5 3.5l5 5m0-5l-5 5" class="cross"/></g>
<g id="no-identity"><rect x=".75" y=".75" width="10.5" height="10.5" rx="2" class="no-identity"/></g>
</defs></svg>`;

/** The symbol of a state, for use beside its name. */
export function renderLegend(state: State): Markup {
  return html`<svg class="shape" width="12" height="12" aria-hidden="true"><use href="${`#${state}`}"/></svg>`;
}

/** Draws a site: one square a terminal, or for a large site a bar with one segment a state. */
export function renderSite(site: Site, now: number): Markup {
  const total = site.summary.terminals;
  return site.terminals.length > 0 && total <= maxSquares ? renderSquares(site, now) : renderBar(site);
}

function renderSquares(site: Site, now: number): Markup {
  const { terminals } = site;
  const width = columns * step - gap;
  const height = Math.ceil(terminals.length / columns) * step - gap;
  const squares = terminals.map(({ terminal, state, lastSeen, drift }, index) => {
    const x = (index % columns) * step;
    const y = Math.floor(index / columns) * step;
    const seen = lastSeen ? `, ${t`seen ${formatAge(lastSeen, now)} ago`}` : "";
    const lines = [`${terminal}: ${stateLabel(state)}${seen}`, ...drift.map(describeDrift)];
    const ring =
      drift.length > 0
        ? html`<rect x="${x - 1}" y="${y - 1}" width="14" height="14" rx="3.5" class="ring"/>`
        : "";
    return html`<use href="${`#${state}`}" x="${x}" y="${y}"><title>${lines.map((line, at) => (at > 0 ? [lineBreak, line] : line))}</title></use>${ring}`;
  });
  return html`<svg class="picture" viewBox="-2 -2 ${width + 4} ${height + 4}" width="${width + 4}" role="img" aria-label="${ariaLabel(site)}">${squares}</svg>`;
}

function renderBar(site: Site): Markup {
  const { summary } = site;
  const width = columns * step - gap;
  let x = 0;
  const segments = states.flatMap((state) => {
    const count = summary.states[state];
    if (count === 0) return [];
    const segmentWidth = (count / summary.terminals) * width;
    const start = x;
    x += segmentWidth;
    return [
      html`<g><title>${`${count} ${stateLabel(state)}`}</title><rect x="${start.toFixed(2)}" width="${Math.max(segmentWidth - 1, 0.5).toFixed(2)}" height="18" class="${state}"/></g>`,
    ];
  });
  return html`<svg class="picture" viewBox="0 -1 ${width} 20" width="${width}" role="img" aria-label="${ariaLabel(site)}">${segments}</svg>`;
}

function ariaLabel({ summary: { terminals }, site }: Site): string {
  const number = count(terminals, "terminal");
  return site ? t`${number} at ${site}` : number;
}
