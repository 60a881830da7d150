import { html, Markup } from "../../fleet-status/html/markup.ts";
import { pageStyle } from "../../fleet-status/html/page-style.ts";
import type { Verdict } from "./decision-table.ts";
import { headings } from "./headings.ts";
import type { DoctorReport, DoctorResult } from "./report.ts";
import { doctorStyle } from "./report-page-style.ts";
import { type ReportLanguage, summaryLines } from "./report-text.ts";
import { verdictWords } from "./words.ts";

/** Renders a report as one page that loads nothing, to be mailed to support. */
export function renderReportPage(report: DoctorReport, language: ReportLanguage): string {
  const say = (words: Record<ReportLanguage, string>) => words[language];
  const time = `${report.createdAt.slice(0, 16).replace("T", " ")} UTC`;
  const proxy = report.proxy
    ? `${report.proxy.hosts.join(", ") || "-"} (${report.proxy.source})`
    : say(headings.noProxy);
  const requests = [
    ...new Set(sorted(report.results).flatMap((one) => (one.request ? [say(one.request)] : []))),
  ];
  const failed = report.counts.failed > 0;
  const title = say(headings.title);
  const markup = html`<html lang="${language === "no" ? "nb" : "en"}">
<head>
<meta charset="utf-8"/>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<meta name="referrer" content="no-referrer"/>
<title>${title}: ${report.computer}</title>
<style>${new Markup(pageStyle + doctorStyle)}</style>
</head>
<body>
<header>
<h1>${title}</h1>
${summaryLines(report, language).map((line) => html`<p>${line}</p>`)}
<dl>
<dt>${say(headings.computer)}</dt><dd>${report.computer}</dd>
<dt>${say(headings.time)}</dt><dd>${time}, ${report.seconds.toFixed(1)} s</dd>
<dt>${say(headings.proxy)}</dt><dd>${proxy}</dd>
</dl>
</header>
<main>
${
  requests.length > 0
    ? html`<section class="${failed ? "card alert" : "card"}"><h2>${say(headings.request)}</h2>
<ul>${requests.map((text) => html`<li>${text}</li>`)}</ul></section>`
    : ""
}
<section class="frame">
<table class="results">
<thead><tr><th>${say(headings.verdict)}</th><th>${say(headings.destination)}</th><th>${say(headings.why)}</th></tr></thead>
<tbody>
${sorted(report.results).map((one) => renderRow(one, language))}
</tbody>
</table>
</section>
</main>
<footer>${say(headings.noSecret)} ${report.program}, ${report.environment}.</footer>
</body>
</html>
`;
  return `<!doctype html>\n${markup.text}`;
}

const urgency: Verdict[] = ["failed", "could-not-tell", "works-with-remark", "not-needed", "passed"];

/** What needs attention comes first, and what is required before what is optional. */
function sorted(results: readonly DoctorResult[]): DoctorResult[] {
  const weight = ({ verdict, requirement }: DoctorResult) =>
    urgency.indexOf(verdict) * 2 + (requirement === "required" ? 0 : 1);
  return [...results].sort((a, b) => weight(a) - weight(b));
}

function renderRow(result: DoctorResult, language: ReportLanguage): Markup {
  const { verdict, host, id, attempts, requirement, why, request } = result;
  const ports = attempts.map(({ protocol, port }) => `${protocol.toUpperCase()} ${port}`).join(", ");
  return html`<tr><td><span class="verdict ${verdict}">${verdictWords[verdict][language]}</span></td>
<td class="destination"><span class="host">${host ?? id}</span><br/>${ports}, ${headings[requirement][language]}</td>
<td><p>${why[language]}</p>${request ? html`<p class="request">${request[language]}</p>` : ""}
<details><summary>${headings.measured[language]}</summary><table><tbody>
${attempts.map(
  ({ protocol, port, measured }) =>
    html`<tr><th>${protocol.toUpperCase()} ${port}</th><td>${
      Object.entries(measured)
        .map(([name, value]) => `${name}: ${value}`)
        .join("; ") || "-"
    }</td></tr>`,
)}
</tbody></table></details></td></tr>
`;
}
