import { driftDescriptions, openAccessPaths, type State, states, type TerminalStatus } from "../drift.ts";
import { type Findings, formatImports, formatSimilarSites } from "../findings.ts";
import { formatAge, formatFiles, formatRemarks, stateLabels } from "../format.ts";
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
  const title = `Terminals of ${head.environment}`;
  const at = new Date(head.now).toISOString().slice(0, 16).replace("T", " ");
  const markup = html`<html lang="en">
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
<p>${head.hubHostName}${head.scope ? `, ${head.scope}` : ""}, status of ${at} UTC</p>
<div class="tiles">
${renderTile(summary.terminals, summary.terminals === 1 ? "terminal" : "terminals")}
${states.map((state) => renderStateTile(state, summary.states[state]))}
${renderTile(summary.drifting, "need attention", summary.drifting > 0)}
${renderTile(summary.files.waiting, "files waiting")}
</div>
</header>
<main>
${renderDrift(drifting, summary.drifting, head.now)}
${renderImports(head.findings?.imports ?? [])}
${renderSimilarSites(head.findings?.similarSites ?? [])}
<section>
<h2>By site <small>${all.length} ${all.length === 1 ? "site" : "sites"}</small></h2>
<div class="cards">${shown.map((site) => renderCard(site, head.now))}</div>
${all.length > shown.length ? html`<p>and ${all.length - shown.length} more sites</p>` : ""}
</section>
</main>
<footer>Each square is a terminal: point at it to see its ID. A red ring marks drift.${
    sites.isDetailed ? "" : " This fleet is too large for squares: a bar shows the states of each site."
  }</footer>
</body>
</html>
`;
  return `<!doctype html>\n${markup.text}`;
}

function renderTile(count: number, label: string | Markup, isAlert = false): Markup {
  return html`<div class="${isAlert ? "tile alert" : "tile"}"><b>${count.toLocaleString("en")}</b><span>${label}</span></div>\n`;
}

function renderStateTile(state: State, count: number): Markup {
  return renderTile(count, html`${renderLegend(state)} ${stateLabels[state]}`);
}

function renderDrift(drifting: TerminalStatus[], total: number, now: number): Markup {
  if (total === 0) return html``;
  // Terminals with an open access path come first.
  const isOpen = ({ drift }: TerminalStatus) => drift.some((name) => openAccessPaths.has(name));
  const sorted = [...drifting.filter(isOpen), ...drifting.filter((one) => !isOpen(one))];
  const more = total - sorted.length;
  return html`<section>
<h2>Needs attention <small>${total} ${total === 1 ? "terminal" : "terminals"}</small></h2>
<div class="scroll"><table class="drift">
<thead><tr><th>Terminal</th><th>Customer</th><th>Site</th><th>State</th><th>Last seen</th><th>Drift</th></tr></thead>
<tbody>
${sorted.map(
  (one) => html`<tr><td>${one.terminal}</td><td>${one.customer ?? ""}</td><td>${one.site ?? ""}</td>
<td>${stateLabels[one.state]}</td><td>${one.lastSeen ? `${formatAge(one.lastSeen, now)} ago` : ""}</td>
<td class="${isOpen(one) ? "alert" : ""}">${one.drift.map((name) => `It ${driftDescriptions[name]}.`).join(" ")}</td></tr>
`,
)}</tbody></table></div>
${more > 0 ? html`<p>and ${more} more: terminals status --state drift</p>` : ""}
</section>`;
}

function renderImports(imports: Findings["imports"]): Markup {
  if (imports.length === 0) return html``;
  return html`<section>
<h2>Device keys in the imports account <small>${imports.length}</small></h2>
<ul>${formatImports(imports).map((line) => html`<li>${line}</li>`)}</ul>
</section>`;
}

function renderSimilarSites(similar: Findings["similarSites"]): Markup {
  if (similar.length === 0) return html``;
  const more = similar.length - maxSimilarSites;
  return html`<section>
<h2>Sites with similar names <small>${similar.length}</small></h2>
<ul>${similar.slice(0, maxSimilarSites).map((group) => html`<li>${formatSimilarSites(group)}</li>`)}</ul>
${more > 0 ? html`<p>and ${more} more</p>` : ""}
</section>`;
}

function renderCard(site: Site, now: number): Markup {
  const { customer, summary } = site;
  const name = site.site || (customer ? "no site" : "unknown");
  const counts = states.flatMap((state) =>
    summary.states[state] > 0 ? [`${summary.states[state]} ${stateLabels[state]}`] : [],
  );
  const files = formatFiles(summary.files);
  return html`<article class="${summary.drifting > 0 ? "card alert" : "card"}">
<h3>${name} <small>${customer}</small></h3>
${renderSite(site, now)}
<p>${counts.join(", ")}${files ? `; files: ${files}` : ""}</p>
${site.terminals.length > 0 ? renderList(site.terminals, now) : ""}
</article>
`;
}

function renderList(terminals: TerminalStatus[], now: number): Markup {
  const rows = terminals.map((one) => {
    const notes = [formatFiles(one.files) && `files: ${formatFiles(one.files)}`, ...formatRemarks(one)];
    return html`<tr><td>${one.terminal}</td><td>${one.name ?? ""}</td><td>${stateLabels[one.state]}</td><td>${
      one.lastSeen ? formatAge(one.lastSeen, now) : ""
    }</td><td>${one.keysFrom ? formatAge(one.keysFrom, now) : ""}</td><td>${notes.filter(Boolean).join("; ")}</td></tr>
`;
  });
  return html`<details><summary>List</summary><table>
<thead><tr><th>Terminal</th><th>Name</th><th>State</th><th>Seen (ago)</th><th>Key age</th><th></th></tr></thead>
<tbody>${rows}</tbody></table></details>`;
}
