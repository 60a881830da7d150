import { andMore, formatTime } from "../../terminal-ui/format.ts";
import { currentLanguage } from "../../words/language.ts";
import { count, formatNumber, plural, t } from "../../words/translate.ts";
import { type Customer, groupByCustomer } from "../customers.ts";
import { type State, states } from "../drift.ts";
import { type Findings, formatImports, formatSimilarSites } from "../findings.ts";
import type { Summary } from "../fleet-status.ts";
import { formatFiles, stateLabel } from "../format.ts";
import type { Sites } from "../sites.ts";
import { renderCustomer } from "./customer-section.ts";
import { html, Markup } from "./markup.ts";
import { fleetStyle, pageStyle } from "./page-style.ts";
import { renderLegend, shapeDefinitions } from "./site-svg.ts";

/** The head of the status page. */
export interface PageHead {
  environment: string;
  hubHostName: string;
  /** Which terminals were selected, in words; empty for the whole fleet. */
  scope: string;
  /** What belongs to no single terminal; default: nothing. */
  findings?: Findings;
  /** Milliseconds since 1970. */
  now: number;
}

/** Number of sites that the page shows one by one. The others are only counted. */
const maxSites = 1_000;
/** Terminals in view at once. The sites of further customers are in lists that are closed at first. */
const maxOpenTerminals = 400;
/** Terminals with drift in view at once: of one customer, and of all. Each customer shows `minOpenDrift` of them. */
const maxOpenDriftOfCustomer = 10;
const maxOpenDrift = 100;
const minOpenDrift = 2;
/** Groups of similar site names: in view at once, and at most. */
const maxOpenSimilarSites = 5;
const maxSimilarSites = 100;

/** Renders a fleet as one self-contained page. It loads no file, runs no script and holds no secret. */
export function renderPage(sites: Sites, head: PageHead): string {
  const { summary, drifting } = sites;
  const all = sites.sorted();
  const { similarSites = [], imports = [] } = head.findings ?? {};
  const customers = groupByCustomer({ sites: all, drifting, similarSites });
  const sections = renderCustomers(customers, head.now);
  const title = t`Terminals of ${head.environment}`;
  const status = t`status of ${formatTime(head.now)}`;
  const markup = html`<html lang="${currentLanguage() === "no" ? "nb" : "en"}">
<head>
<meta charset="utf-8"/>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<meta name="referrer" content="no-referrer"/>
<title>${title}</title>
<style>${new Markup(pageStyle + fleetStyle)}</style>
</head>
<body>
${shapeDefinitions}
<header>
<h1>${title}</h1>
<p>${head.hubHostName}${head.scope ? `, ${head.scope}` : ""}, ${status}</p>
<div class="tiles">
${renderTile(summary.terminals, plural(summary.terminals, { one: t`terminal`, other: t`terminals` }))}
${states.map((state) => renderStateTile(state, summary.states[state]))}
${renderTile(summary.drifting, t`need attention`, summary.drifting > 0)}
${renderTile(summary.files.waiting, t`files waiting`)}
</div>
${renderProgress(summary)}
</header>
<main>
${renderImports(imports)}
${renderSimilarSites(similarSites)}
${sections.shown}
${sections.left > 0 ? html`<p>${t`and ${count(sections.left, "more customer")}`}</p>` : ""}
</main>
<footer>${t`Each square is a terminal: point at it to see its ID. A red ring marks drift.`}${
    sites.isDetailed ? "" : ` ${t`This fleet is too large for squares: a bar shows the states of each site.`}`
  }</footer>
</body>
</html>
`;
  return `<!doctype html>\n${markup.text}`;
}

function renderTile(number: number, label: string | Markup, isAlert = false): Markup {
  return html`<div class="${isAlert ? "tile alert" : "tile"}"><b>${formatNumber(number)}</b><span>${label}</span></div>\n`;
}

/** Below the tiles: files, and terminals whose keys rotate. */
function renderProgress({ files, rotating }: Summary): Markup {
  const texts = [
    ...(formatFiles(files) ? [t`files: ${formatFiles(files)}`] : []),
    ...(rotating > 0 ? [`${t`getting new keys`}: ${rotating}`] : []),
  ];
  return texts.length > 0 ? html`<p class="counts">${texts.join("; ")}</p>` : html``;
}

function renderStateTile(state: State, count: number): Markup {
  return renderTile(count, html`${renderLegend(state)} ${stateLabel(state)}`);
}

/** Renders customers until the page has `maxSites` sites. @returns The sections, and how many customers are left out. */
function renderCustomers(customers: readonly Customer[], now: number): { shown: Markup[]; left: number } {
  const shown: Markup[] = [];
  let sites = 0;
  let terminals = 0;
  let drifting = 0;
  for (const one of customers) {
    if (sites >= maxSites) break;
    terminals += one.summary.terminals;
    const isOpen = shown.length === 0 || terminals <= maxOpenTerminals;
    const open = Math.max(minOpenDrift, Math.min(maxOpenDriftOfCustomer, maxOpenDrift - drifting));
    drifting += Math.min(open, one.drifting.length);
    shown.push(renderCustomer(one, { maxSites: maxSites - sites, isOpen, maxOpenDrift: open, now }));
    sites += one.sites.length;
  }
  return { shown, left: customers.length - shown.length };
}

function renderImports(imports: Findings["imports"]): Markup {
  if (imports.length === 0) return html``;
  return html`<section>
<h2>${t`Device keys in the imports account`} <small>${imports.length}</small></h2>
<ul class="findings">${formatImports(imports).map((line) => html`<li>${line}</li>`)}</ul>
</section>`;
}

function renderSimilarSites(similar: Findings["similarSites"]): Markup {
  if (similar.length === 0) return html``;
  const open = similar.slice(0, maxOpenSimilarSites);
  const closed = similar.slice(maxOpenSimilarSites, maxSimilarSites);
  const more = similar.length - maxSimilarSites;
  return html`<section>
<h2>${t`Sites with similar names`} <small>${similar.length}</small></h2>
${renderGroups(open)}
${
  closed.length > 0
    ? html`<details class="more"><summary>${t`Show ${count(closed.length, "more group")}`}</summary>${renderGroups(closed)}</details>`
    : ""
}
${more > 0 ? html`<p>${andMore(more)}</p>` : ""}
</section>`;
}

function renderGroups(groups: Findings["similarSites"]): Markup {
  return html`<ul class="findings">${groups.map((group) => html`<li>${formatSimilarSites(group)}</li>`)}</ul>`;
}
