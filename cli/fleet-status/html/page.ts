import { driftDescriptions, openAccessPaths, type State, states, type TerminalStatus } from "../drift.ts";
import { formatAge, formatFiles, formatRemarks, stateLabels } from "../format.ts";
import type { Site, Sites } from "../sites.ts";
import { html, Markup } from "./markup.ts";
import { pageStyle } from "./page-style.ts";
import { renderLegend, renderSite, shapeDefinitions } from "./site-svg.ts";

/** What stands above the picture. */
export interface PageHead {
  environment: string;
  hubHostName: string;
  /** What was asked for, in words; empty for the whole fleet. */
  scope: string;
  /** Milliseconds since 1970. */
  now: number;
}

/** Sites that have a card of their own; the others are told together. */
const mostSites = 1_000;

/** A fleet as one page that stands alone: it loads nothing, runs nothing, and holds no secret. */
export function renderPage(sites: Sites, head: PageHead): string {
  const { summary, drifting } = sites;
  const all = sites.sorted();
  const shown = all.slice(0, mostSites);
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
<p>${head.hubHostName}${head.scope ? `, ${head.scope}` : ""}, seen at ${at} UTC</p>
<div class="tiles">
${tile(summary.terminals, "terminals")}
${states.map((state) => stateTile(state, summary.states[state]))}
${tile(summary.drifting, "need attention", summary.drifting > 0)}
${tile(summary.files.waiting, "files waiting")}
</div>
</header>
<main>
${attention(drifting, summary.drifting, head.now)}
<section>
<h2>By site <small>${all.length} ${all.length === 1 ? "site" : "sites"}</small></h2>
<div class="cards">${shown.map((site) => card(site, head.now))}</div>
${all.length > shown.length ? html`<p>and ${all.length - shown.length} more sites</p>` : ""}
</section>
</main>
<footer>A square is a terminal; point at it for its id. A red ring: something does not fit together.${
    sites.isDetailed ? "" : " The fleet is too large for a square for each: bars show the parts."
  }</footer>
</body>
</html>
`;
  return `<!doctype html>\n${markup.text}`;
}

function tile(count: number, what: string | Markup, alert = false): Markup {
  return html`<div class="${alert ? "tile alert" : "tile"}"><b>${count.toLocaleString("en")}</b><span>${what}</span></div>\n`;
}

function stateTile(state: State, count: number): Markup {
  return tile(count, html`${renderLegend(state)} ${stateLabels[state]}`);
}

function attention(drifting: TerminalStatus[], total: number, now: number): Markup {
  if (total === 0) return html``;
  // What leaves a door open comes first.
  const isOpen = ({ drift }: TerminalStatus) => drift.some((name) => openAccessPaths.has(name));
  const sorted = [...drifting.filter(isOpen), ...drifting.filter((one) => !isOpen(one))];
  const more = total - sorted.length;
  return html`<section>
<h2>Needs attention <small>${total} ${total === 1 ? "terminal" : "terminals"}</small></h2>
<div class="scroll"><table>
<thead><tr><th>Terminal</th><th>Customer</th><th>Site</th><th>State</th><th>Last seen</th><th>What does not fit</th></tr></thead>
<tbody>
${sorted.map(
  (one) => html`<tr><td>${one.terminal}</td><td>${one.customer ?? ""}</td><td>${one.site ?? ""}</td>
<td>${stateLabels[one.state]}</td><td>${one.lastSeen ? `${formatAge(one.lastSeen, now)} ago` : ""}</td>
<td class="${isOpen(one) ? "alert" : ""}">It ${one.drift.map((name) => driftDescriptions[name]).join("; it ")}.</td></tr>
`,
)}</tbody></table></div>
${more > 0 ? html`<p>and ${more} more: terminals status --state drift</p>` : ""}
</section>`;
}

function card(site: Site, now: number): Markup {
  const { customer, summary } = site;
  const name = site.site || (customer ? "no site" : "unknown");
  const parts = states.flatMap((state) =>
    summary.states[state] > 0 ? [`${summary.states[state]} ${stateLabels[state]}`] : [],
  );
  const files = formatFiles(summary.files);
  return html`<article class="${summary.drifting > 0 ? "card alert" : "card"}">
<h3>${name} <small>${customer}</small></h3>
${renderSite(site, now)}
<p>${parts.join(", ")}${files ? `; files: ${files}` : ""}</p>
${site.terminals.length > 0 ? list(site.terminals, now) : ""}
</article>
`;
}

function list(terminals: TerminalStatus[], now: number): Markup {
  const rows = terminals.map((one) => {
    const notes = [formatFiles(one.files) && `files: ${formatFiles(one.files)}`, ...formatRemarks(one)];
    return html`<tr><td>${one.terminal}</td><td>${one.name ?? ""}</td><td>${stateLabels[one.state]}</td><td>${
      one.lastSeen ? formatAge(one.lastSeen, now) : ""
    }</td><td>${one.keysFrom ? formatAge(one.keysFrom, now) : ""}</td><td>${notes.filter(Boolean).join("; ")}</td></tr>
`;
  });
  return html`<details><summary>List</summary><table>
<thead><tr><th>Terminal</th><th>Name</th><th>State</th><th>Seen</th><th>Keys</th><th></th></tr></thead>
<tbody>${rows}</tbody></table></details>`;
}
