import { andMore, formatTime } from "../../terminal-ui/format.ts";
import { currentLanguage } from "../../words/language.ts";
import { count, formatNumber, plural, t } from "../../words/translate.ts";
import { openAccessPaths, type State, states, type TerminalStatus } from "../drift.ts";
import { describeDrift } from "../drift-words.ts";
import { type Findings, formatImports, formatSimilarSites } from "../findings.ts";
import { formatAge, formatFiles, formatRemarks, stateLabel } from "../format.ts";
import type { Site, Sites } from "../sites.ts";
import { html, Markup } from "./markup.ts";
import { pageStyle } from "./page-style.ts";
import { renderLegend, renderSite, shapeDefinitions } from "./site-svg.ts";

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
/** Number of groups of similar site names that the page shows. */
const maxSimilarSites = 100;

/** Renders a fleet as one self-contained page. It loads no file, runs no script and holds no secret. */
export function renderPage(sites: Sites, head: PageHead): string {
  const { summary, drifting } = sites;
  const all = sites.sorted();
  const shown = all.slice(0, maxSites);
  const title = t`Terminals of ${head.environment}`;
  const status = t`status of ${formatTime(head.now)}`;
  const markup = html`<html lang="${currentLanguage() === "no" ? "nb" : "en"}">
<head>
<meta charset="utf-8"/>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<meta name="referrer" content="no-referrer"/>
<title>${title}</title>
<style>${new Markup(pageStyle)}</style>
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
</header>
<main>
${renderDrift(drifting, summary.drifting, head.now)}
${renderImports(head.findings?.imports ?? [])}
${renderSimilarSites(head.findings?.similarSites ?? [])}
<section>
<h2>${t`By site`} <small>${count(all.length, "site")}</small></h2>
<div class="cards">${shown.map((site) => renderCard(site, head.now))}</div>
${all.length > shown.length ? html`<p>${t`and ${count(all.length - shown.length, "more site")}`}</p>` : ""}
</section>
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

function renderStateTile(state: State, count: number): Markup {
  return renderTile(count, html`${renderLegend(state)} ${stateLabel(state)}`);
}

function renderDrift(drifting: TerminalStatus[], total: number, now: number): Markup {
  if (total === 0) return html``;
  // Terminals with an open access path come first.
  const isOpen = ({ drift }: TerminalStatus) => drift.some((name) => openAccessPaths.has(name));
  const sorted = [...drifting.filter(isOpen), ...drifting.filter((one) => !isOpen(one))];
  const more = total - sorted.length;
  return html`<section>
<h2>${t`Needs attention`} <small>${count(total, "terminal")}</small></h2>
<div class="scroll"><table class="drift">
<thead><tr>${headCells([t`Terminal`, t`Customer`, t`Site`, t`State`, t`Last seen`, t`Drift`])}</tr></thead>
<tbody>
${sorted.map(
  (one) => html`<tr><td>${one.terminal}</td><td>${one.customer ?? ""}</td><td>${one.site ?? ""}</td>
<td>${stateLabel(one.state)}</td><td>${one.lastSeen ? t`${formatAge(one.lastSeen, now)} ago` : ""}</td>
<td class="${isOpen(one) ? "alert" : ""}">${one.drift.map(describeDrift).join(" ")}</td></tr>
`,
)}</tbody></table></div>
${more > 0 ? html`<p>${t`and ${more} more: terminals status --state drift`}</p>` : ""}
</section>`;
}

function renderImports(imports: Findings["imports"]): Markup {
  if (imports.length === 0) return html``;
  return html`<section>
<h2>${t`Device keys in the imports account`} <small>${imports.length}</small></h2>
<ul>${formatImports(imports).map((line) => html`<li>${line}</li>`)}</ul>
</section>`;
}

function renderSimilarSites(similar: Findings["similarSites"]): Markup {
  if (similar.length === 0) return html``;
  const more = similar.length - maxSimilarSites;
  return html`<section>
<h2>${t`Sites with similar names`} <small>${similar.length}</small></h2>
<ul>${similar.slice(0, maxSimilarSites).map((group) => html`<li>${formatSimilarSites(group)}</li>`)}</ul>
${more > 0 ? html`<p>${andMore(more)}</p>` : ""}
</section>`;
}

function renderCard(site: Site, now: number): Markup {
  const { customer, summary } = site;
  const name = site.site || (customer ? t`no site` : t`unknown`);
  const counts = states.flatMap((state) =>
    summary.states[state] > 0 ? [`${summary.states[state]} ${stateLabel(state)}`] : [],
  );
  const files = formatFiles(summary.files);
  return html`<article class="${summary.drifting > 0 ? "card alert" : "card"}">
<h3>${name} <small>${customer}</small></h3>
${renderSite(site, now)}
<p>${counts.join(", ")}${files ? `; ${t`files: ${files}`}` : ""}</p>
${site.terminals.length > 0 ? renderList(site.terminals, now) : ""}
</article>
`;
}

function renderList(terminals: TerminalStatus[], now: number): Markup {
  const rows = terminals.map((one) => {
    const notes = [formatFiles(one.files) && t`files: ${formatFiles(one.files)}`, ...formatRemarks(one)];
    return html`<tr><td>${one.terminal}</td><td>${one.name ?? ""}</td><td>${stateLabel(one.state)}</td><td>${
      one.lastSeen ? formatAge(one.lastSeen, now) : ""
    }</td><td>${one.keysFrom ? formatAge(one.keysFrom, now) : ""}</td><td>${notes.filter(Boolean).join("; ")}</td></tr>
`;
  });
  return html`<details><summary>${t`List`}</summary><table>
<thead><tr>${headCells([t`Terminal`, t`Name`, t`State`, t`Seen (ago)`, t`Key age`, ""])}</tr></thead>
<tbody>${rows}</tbody></table></details>`;
}

function headCells(names: string[]): Markup[] {
  return names.map((name) => html`<th>${name}</th>`);
}
