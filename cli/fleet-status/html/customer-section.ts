import { count, plural, t } from "../../words/translate.ts";
import type { Customer } from "../customers.ts";
import { states } from "../drift.ts";
import type { Summary } from "../fleet-status.ts";
import { formatFiles, stateLabel } from "../format.ts";
import type { Site } from "../sites.ts";
import { html, type Markup } from "./markup.ts";
import { renderSite } from "./site-svg.ts";
import { renderDriftTable, renderTerminalList } from "./terminal-list.ts";

/** What a customer's part of the page shows. */
export interface SectionOptions {
  /** Number of sites that are shown one by one. The others are only counted. */
  maxSites: number;
  /** Whether the sites are in view at once, and not in a list that is closed at first. */
  isOpen: boolean;
  /** Terminals with drift that are in view at once. The others are in a list that is closed at first. */
  maxOpenDrift: number;
  /** Milliseconds since 1970. */
  now: number;
}

/** Renders one customer: what needs attention there with the remedies, then its sites. */
export function renderCustomer(one: Customer, options: SectionOptions): Markup {
  const { summary, sites } = one;
  const { maxSites, isOpen, now } = options;
  const shown = sites.slice(0, maxSites);
  const more = sites.length - shown.length;
  const cards = html`<div class="cards">${shown.map((site) => renderCard(site, now))}</div>
${more > 0 ? html`<p>${t`and ${count(more, "more site")}`}</p>` : ""}`;
  return html`<section class="customer">
<h2>${one.customer || t`no customer`} <small>${count(summary.terminals, "terminal")}, ${count(sites.length, "site")}${
    summary.drifting > 0
      ? html` <span class="pill">${plural(summary.drifting, { one: t`1 needs attention`, other: t`${summary.drifting} need attention` })}</span>`
      : ""
  }</small></h2>
${sites.length > 1 || !isOpen ? html`<p class="counts">${formatCounts(summary)}</p>` : ""}
${renderDrift(one, options)}
${isOpen ? cards : html`<details class="more"><summary>${t`Show ${count(shown.length, "site")}`}</summary>${cards}</details>`}
</section>
`;
}

function renderDrift({ drifting, summary }: Customer, { maxOpenDrift, now }: SectionOptions): Markup {
  if (summary.drifting === 0) return html``;
  const open = drifting.slice(0, maxOpenDrift);
  const closed = drifting.slice(maxOpenDrift);
  const more = summary.drifting - drifting.length;
  return html`${open.length > 0 ? html`<div class="frame">${renderDriftTable(open, now)}</div>` : ""}
${
  closed.length > 0
    ? html`<details class="more"><summary>${t`Show ${closed.length} more that need attention`}</summary>
<div class="frame">${renderDriftTable(closed, now)}</div></details>`
    : ""
}
${more > 0 ? html`<p class="hint">${t`and ${more} more: npx terminals status --state drift`}</p>` : ""}`;
}

/** The heading names the customer for the lists of headings that screen readers have. */
function renderCard(site: Site, now: number): Markup {
  const { customer, summary } = site;
  const name = site.site || (customer ? t`no site` : t`unknown`);
  return html`<article class="${summary.drifting > 0 ? "card alert" : "card"}">
<h3>${name} <small class="of">${customer}</small></h3>
${renderSite(site, now)}
<p>${formatCounts(summary)}</p>
${site.terminals.length > 0 ? renderTerminalList(site.terminals, { label: name, now }) : ""}
</article>
`;
}

/** The terminals by state, and their files: "24 connected, 1 never seen; files: 1 waiting". */
function formatCounts(summary: Summary): string {
  const counts = states.flatMap((state) =>
    summary.states[state] > 0 ? [`${summary.states[state]} ${stateLabel(state)}`] : [],
  );
  const files = formatFiles(summary.files);
  return `${counts.join(", ")}${files ? `; ${t`files: ${files}`}` : ""}`;
}
