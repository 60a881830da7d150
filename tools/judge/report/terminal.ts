import type { Finding } from "./finding.ts";
import { type FindingGroup, groupFindings } from "./group.ts";
import { type EnvironmentReport, failuresOf, type Report } from "./report.ts";
import { lineOf, plural } from "./summary.ts";
import { costLine } from "./summary-tables.ts";

/** Control characters, line and paragraph separators, and direction marks, which could act on a terminal. */
const unprintable = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

const printable = (text: string): string =>
  text.replace(unprintable, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);

/** The result of one environment for a person at a terminal. It is printed as soon as it is known. */
export const environmentText = (environment: EnvironmentReport, findings: Finding[]): string =>
  environmentLines(findings, environment).join("\n");

/** What follows the environments: other findings, the limits of the check, and the verdict. */
export function closingText(report: Report): string {
  const failures = failuresOf(report);
  const notJudged = report.findings.filter(({ level }) => level === "not judged");
  const others = report.findings.filter(({ environment, level }) => !environment && level !== "not judged");
  return [
    ...findingLines(others),
    report.base
      ? `Compared with ${report.base.ref} (${report.base.commit.slice(0, 12)}).`
      : "Not compared with a base branch.",
    ...(notJudged.length > 0 ? ["What this check cannot judge:"] : []),
    ...notJudged.map(
      ({ environment, problem }) => `  - ${environment ? `${environment}: ` : ""}${printable(problem)}`,
    ),
    "",
    report.verdict === "passed"
      ? "Judge: passed"
      : `Judge: refused with ${plural(failures.length, "failure")}`,
  ].join("\n");
}

const headlines: Record<EnvironmentReport["result"], string> = {
  passed: "no rule is violated",
  refused: "REFUSED",
  "not deployed": "NOT DEPLOYED, so not every rule was checked",
};

function environmentLines(findings: Finding[], environment: EnvironmentReport): string[] {
  const { name, result, changes, cost } = environment;
  const own = findings.filter((finding) => finding.environment === name && finding.level !== "not judged");
  return [
    `${name}: ${headlines[result]}`,
    ...(changes ? [`  changes: ${changesLine(changes)}`] : []),
    ...(cost ? [`  cost a month, an estimate: ${costLine(cost)}`] : []),
    ...findingLines(own),
    "",
  ];
}

function changesLine(changes: NonNullable<EnvironmentReport["changes"]>): string {
  const counts = (["deleted", "replaced", "changed", "created"] as const)
    .map(
      (operation) => [changes.filter((change) => change.operation === operation).length, operation] as const,
    )
    .filter(([count]) => count > 0)
    .map(([count, operation]) => `${count} ${operation}`);
  return counts.length === 0 ? "none" : counts.join(", ");
}

const findingLines = (findings: Finding[]): string[] => groupFindings(findings).flatMap(groupLines);

function groupLines({ finding, findings }: FindingGroup): string[] {
  const { level, severity, rule, problem, reason, remedy, sources, waiver } = finding;
  return [
    `  [${level}] [severity: ${severity}] ${rule}: ${printable(problem)}`,
    ...findings.flatMap(resourceLines),
    `    Reason: ${printable(reason)}`,
    `    Remedy: ${printable(remedy)}`,
    ...(waiver ? [`    Accepted until ${waiver.until}: ${printable(waiver.reason)}`] : []),
    ...(sources[0] ? [`    Source: ${sources.map(({ id }) => id).join(", ")} (${sources[0].url})`] : []),
  ];
}

function resourceLines({ judge, resource, location, calledFrom = [] }: Finding): string[] {
  const places = [location, ...calledFrom].filter((line) => line !== undefined).map(lineOf);
  if (!resource) return places.length > 0 ? [`    In: ${places.join(" from ")}`] : [];
  return [
    `    Resource: ${[printable(resource.name), places.join(" from ")].filter(Boolean).join(" in ")}`,
    // For an acceptance.
    ...(judge === "comparison" ? [`      ${printable(resource.urn)}`] : []),
  ];
}
