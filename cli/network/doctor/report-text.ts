import { styleText } from "node:util";
import { printable } from "../../lib/printable.ts";
import type { Bilingual } from "../endpoint-list.ts";
import { fillIn } from "./decide.ts";
import type { Verdict } from "./decision-table.ts";
import { headings } from "./headings.ts";
import type { DoctorReport, DoctorResult } from "./report.ts";
import { verdictWords } from "./words.ts";

export type ReportLanguage = keyof Bilingual;

const colours: Record<Verdict, "green" | "yellow" | "red" | "dim"> = {
  passed: "green",
  "works-with-remark": "yellow",
  "not-needed": "dim",
  "could-not-tell": "yellow",
  failed: "red",
};

/** The lines of one destination, printable. @param paint Colours a verdict. */
export function resultLines(
  result: DoctorResult,
  language: ReportLanguage,
  paint: (verdict: Verdict, text: string) => string = (_, text) => text,
): string[] {
  const { verdict, host, id, attempts, requirement } = result;
  const ports = attempts.map(({ protocol, port }) => `${protocol.toUpperCase()} ${port}`).join(", ");
  const mark = requirement === "optional" ? `, ${headings.optional[language]}` : "";
  const word = verdictWords[verdict][language];
  const lines = [
    paint(verdict, word.padEnd(wordWidth(language))) + printable(`  ${host ?? id} (${ports}${mark})`),
    printable(`    ${result.why[language]}`),
  ];
  return result.request ? [...lines, printable(`    > ${result.request[language]}`)] : lines;
}

/** Colours a verdict where standard output is a terminal that has colours. */
export function verdictPainter(stream: NodeJS.WritableStream): (verdict: Verdict, text: string) => string {
  return (verdict, text) => styleText(colours[verdict], text, { stream });
}

/** The lines below the destinations: counts, and what fails. */
export function summaryLines(report: DoctorReport, language: ReportLanguage): string[] {
  const { counts, results, regionsCutOff } = report;
  const required = results.filter(({ requirement }) => requirement === "required");
  const idsOf = (verdict: Verdict) =>
    required.flatMap((one) => (one.verdict === verdict ? [one.id] : [])).join(", ");
  const numbers = {
    passed: String(counts.passed),
    remarks: String(counts["works-with-remark"]),
    notNeeded: String(counts["not-needed"]),
    unknown: String(counts["could-not-tell"]),
    failed: String(counts.failed),
  };
  const lines = [`${fillIn(headings.summary[language], numbers)}.`];
  for (const region of regionsCutOff) lines.push(fillIn(headings.regionCutOff[language], { region }));
  const [failed, unknown] = [idsOf("failed"), idsOf("could-not-tell")];
  if (failed) lines.push(fillIn(headings.failing[language], { ids: failed }));
  if (unknown) lines.push(fillIn(headings.unknown[language], { ids: unknown }));
  if (!failed && !unknown) lines.push(headings.allGood[language]);
  return lines;
}

function wordWidth(language: ReportLanguage): number {
  return Math.max(...Object.values(verdictWords).map((words) => words[language].length));
}
