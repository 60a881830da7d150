import type { Log, ReportingDescriptor, Result } from "sarif";
import { type Finding, type Severity, type SourceLine, sortFindings } from "./finding.ts";
import { failuresOf, type Report } from "./report.ts";

/** GitHub shows critical, high, medium and low by this number. Source: "SARIF support for code scanning". */
const securitySeverity: Record<Severity, string> = {
  low: "3.0",
  medium: "5.5",
  high: "8.0",
  critical: "9.5",
};

/** A result needs a place. Findings without one belong to the program's entry. */
const entryPoint: SourceLine = { file: "index.ts", line: 1 };

/**
 * The failures of a report as SARIF 2.1.0, which GitHub's code scanning and Azure DevOps read. Waived, advisory and
 * not judged findings are left out, because code scanning opens an alert for each result.
 */
export function toSarif(report: Report): Log {
  const failures = sortFindings(failuresOf(report));
  const rules = [...new Map(failures.map((finding) => [ruleIdOf(finding), finding])).values()].map(toRule);
  return {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: { driver: { name: "terminal-fleet judge", rules } },
        automationDetails: { id: "terminal-fleet/judge/" },
        originalUriBaseIds: { PROJECT: { description: { text: "The folder of the project." } } },
        columnKind: "utf16CodeUnits",
        results: toResults(failures, rules),
      },
    ],
  };
}

/** Rules of different judges may have the same identifier. */
const ruleIdOf = ({ judge, rule }: Finding): string => (judge === "policy pack" ? rule : `${judge}/${rule}`);

function toRule(finding: Finding): ReportingDescriptor {
  const { reason, remedy, sources, severity } = finding;
  const links = sources.map(({ id, url }) => `- [${id}](${url})`).join("\n");
  return {
    id: ruleIdOf(finding),
    shortDescription: { text: reason },
    fullDescription: { text: reason },
    help: {
      text: [`${remedy}`, ...sources.map(({ id, url }) => `${id}: ${url}`)].join("\n"),
      markdown: `${remedy}\n\n${links}`,
    },
    ...(sources[0] ? { helpUri: sources[0].url } : {}),
    defaultConfiguration: { level: "error" },
    properties: { tags: ["security"], "security-severity": securitySeverity[severity] },
  };
}

function toResults(failures: Finding[], rules: ReportingDescriptor[]): Result[] {
  const seen = new Map<string, number>();
  return failures.map((finding) => {
    const ordinal = (seen.get(finding.fingerprint) ?? 0) + 1;
    seen.set(finding.fingerprint, ordinal);
    return {
      ruleId: ruleIdOf(finding),
      ruleIndex: rules.findIndex(({ id }) => id === ruleIdOf(finding)),
      level: "error",
      message: { text: messageOf(finding) },
      locations: [toLocation(finding.location ?? entryPoint, finding)],
      ...(finding.calledFrom?.length
        ? { relatedLocations: finding.calledFrom.map((line) => toLocation(line)) }
        : {}),
      partialFingerprints: { "ruleAndUrn/v1": `${finding.fingerprint}:${ordinal}` },
    };
  });
}

function messageOf({ environment, resource, problem, remedy }: Finding): string {
  const subject = [environment, resource?.name].filter(Boolean).join(", ");
  return `${subject ? `${subject}: ` : ""}${problem} ${remedy}`;
}

function toLocation({ file, line }: SourceLine, finding?: Finding) {
  return {
    physicalLocation: {
      artifactLocation: { uri: encodeURI(file), uriBaseId: "PROJECT" },
      region: { startLine: line },
    },
    ...(finding?.resource
      ? { logicalLocations: [{ fullyQualifiedName: finding.resource.urn, kind: "resource" }] }
      : {}),
  };
}
