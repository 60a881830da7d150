import { type Finding, type Level, type SourceLine, severities } from "./finding.ts";
import { type FindingGroup, groupFindings } from "./group.ts";
import { code, details, escapeMarkdown, joinWithin, link, table } from "./markdown.ts";
import { type EnvironmentReport, failuresOf, type Report } from "./report.ts";
import { costSection, residencySection } from "./summary-tables.ts";

/** Marks the comment of a pull request that later reports replace. */
export const commentMarker = "<!-- terminal-fleet judge -->";

/** The report for a reviewer, as GitHub's Markdown: what needs a decision first, then the failures, then the tables. */
export function toSummary(report: Report, { maximumCharacters }: { maximumCharacters: number }): string {
  const lines = [
    commentMarker,
    "",
    `## ${headline(report)}`,
    "",
    ...report.environments.map(environmentLine),
    `- ${baseSentence(report)}`,
    "",
    ...consequencesSection(report),
    ...failuresSection(failuresOf(report)),
    ...changesSection(report),
    ...residencySection(report),
    ...costSection(report),
    ...findingsSection(report, "advisory", "Advice"),
    ...findingsSection(report, "waived", "Accepted for a reason and a time"),
    ...judgesSection(report),
    ...notJudgedSection(report),
  ];
  return joinWithin(lines, maximumCharacters);
}

export const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;

/** The verdict in one line. */
export function headline(report: Report): string {
  const failures = failuresOf(report);
  if (report.verdict === "passed") return "✅ Judge: passed";
  const counts = severities
    .toReversed()
    .map(
      (severity) => [severity, failures.filter((finding) => finding.severity === severity).length] as const,
    )
    .filter(([, count]) => count > 0)
    .map(([severity, count]) => `${count} ${severity}`);
  return `❌ Judge: refused with ${plural(failures.length, "failure")} (${counts.join(", ")})`;
}

const results: Record<EnvironmentReport["result"], string> = {
  passed: "no rule is violated",
  refused: "**refused**",
  "not deployed": "**not deployed**, so not every rule was checked",
};

const environmentLine = ({ name, result, resources }: EnvironmentReport): string =>
  `- ${escapeMarkdown(name)}: ${results[result]}; ${plural(resources, "resource")}`;

/** With what the change was compared. */
export const baseSentence = ({ base }: Report): string =>
  base
    ? `Compared with ${escapeMarkdown(base.ref)} (${base.commit.slice(0, 12)}).`
    : "Not compared: there is no base branch.";

/** What loses data, changes a known name, shortens a retention or weakens redundancy. */
function consequencesSection({ environments }: Report): string[] {
  const rows = environments.flatMap(({ name, changes = [] }) =>
    changes.flatMap((change) =>
      change.consequences.map(({ what, explanation, isAccepted }) => [
        escapeMarkdown(name),
        code(change.name),
        escapeMarkdown(what),
        escapeMarkdown(explanation),
        isAccepted ? "accepted" : "**not accepted**",
      ]),
    ),
  );
  if (rows.length === 0) return [];
  return [
    "### Loses data, changes a known name or keeps less",
    "",
    ...table(["environment", "resource", "what", "consequence", "policies/accepted-changes.yaml"], rows),
  ];
}

function failuresSection(failures: Finding[]): string[] {
  if (failures.length === 0) return [];
  return ["### Failures", "", ...groupFindings(failures).flatMap(groupLines)];
}

/** A group of findings as a list item with its resources, reason, remedy and sources. */
function groupLines({ finding, findings }: FindingGroup): string[] {
  const { rule, severity, environment, problem, found, wanted, reason, remedy, sources, waiver } = finding;
  const where = environment === undefined ? "" : `, ${escapeMarkdown(environment)}`;
  return [
    `- **${escapeMarkdown(rule)}** (${severity}${where}): ${escapeMarkdown(problem)}`,
    ...(found === undefined ? [] : [`  - found ${code(found)}, wanted ${code(wanted ?? "something else")}`]),
    ...findings.flatMap(resourceLines),
    `  - reason: ${escapeMarkdown(reason)}`,
    `  - **remedy**: ${escapeMarkdown(remedy)}`,
    ...(waiver ? [`  - accepted until ${waiver.until}: ${escapeMarkdown(waiver.reason)}`] : []),
    ...(sources.length > 0 ? [`  - source: ${sources.map(link).join(", ")}`] : []),
  ];
}

/** The resource of a finding and the lines that declared it. A reviewer copies the URN into an acceptance. */
function resourceLines({ judge, resource, location, calledFrom = [] }: Finding): string[] {
  if (!resource && !location) return [];
  const name = resource ? code(resource.name) : "";
  const places = [location, ...calledFrom].filter((line) => line !== undefined).map(place);
  const urn = resource && judge === "comparison" ? `, ${code(resource.urn)}` : "";
  return [`  - ${[name, places.join(" from ")].filter(Boolean).join(" in ")}${urn}`];
}

/** FILE:LINE. */
export const lineOf = ({ file, line }: SourceLine): string => `${file}:${line}`;

const place = (line: SourceLine): string => code(lineOf(line));

function changesSection({ environments }: Report): string[] {
  return environments.flatMap(({ name, changes }) => {
    if (!changes) return [];
    const counts = (["deleted", "replaced", "changed", "created"] as const)
      .map((operation) => `${changes.filter((change) => change.operation === operation).length} ${operation}`)
      .join(", ");
    const rows = changes.map((change) => [
      change.operation,
      code(change.name),
      code(change.type),
      change.differences
        .slice(0, 5)
        .map(
          ({ path, before, after }) =>
            `${code(path)}: ${code(before ?? "absent")} → ${code(after ?? "absent")}`,
        )
        .concat(change.differences.length > 5 ? [`and ${change.differences.length - 5} more`] : [])
        .join("<br>"),
    ]);
    return details(
      `Changes in ${name}: ${changes.length === 0 ? "none" : counts}`,
      rows.length === 0
        ? ["No resource differs."]
        : table(["operation", "resource", "type", "differences"], rows),
    );
  });
}

function findingsSection({ findings }: Report, level: Level, title: string): string[] {
  const listed = findings.filter((finding) => finding.level === level);
  return details(`${title}: ${listed.length}`, groupFindings(listed).flatMap(groupLines));
}

function judgesSection({ judges }: Report): string[] {
  const rows = judges.map(({ name, version, rules, passed, failed, waived }) => [
    escapeMarkdown([name, version].filter(Boolean).join(" ")),
    ...[rules, passed, failed, waived].map(String),
  ]);
  return details(
    "Judges and what they checked",
    table(["judge", "rules", "passed", "failed", "waived"], rows),
  );
}

function notJudgedSection({ findings }: Report): string[] {
  const listed = findings.filter(({ level }) => level === "not judged");
  const lines = listed.map(
    ({ environment, problem, remedy }) =>
      `- ${environment ? `${escapeMarkdown(environment)}: ` : ""}${escapeMarkdown(problem)} ${escapeMarkdown(remedy)}`,
  );
  return details(`What this report could not judge: ${listed.length}`, lines);
}
