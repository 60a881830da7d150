import { createHash } from "node:crypto";

/** How serious a finding is, from the least to the most serious. */
export const severities = ["low", "medium", "high", "critical"] as const;
export type Severity = (typeof severities)[number];

/**
 * What a finding means for the verdict. Only a failure fails it. A waived finding was accepted for a reason and a time;
 * an advisory one is for the reviewer; "not judged" names something that the judge could not check.
 */
export const levels = ["failure", "waived", "advisory", "not judged"] as const;
export type Level = (typeof levels)[number];

/** A place in the program: the path from the project's folder with `/`, and the line, which starts at 1. */
export interface SourceLine {
  file: string;
  line: number;
}

/** A resource as a finding names it. */
export interface JudgedResource {
  name: string;
  urn: string;
  /** Type token, such as azure-native:storage:StorageAccount. */
  type: string;
}

/** What any judge has found: a rule of the pack, the comparison with the base branch, the snapshot, checkov and so on. */
export interface Finding {
  /** The judge that found it, such as "policy pack" or "checkov". */
  judge: string;
  /** Identifier of the rule, unique for the judge. */
  rule: string;
  severity: Severity;
  level: Level;
  /** The environment: the name of the stack. Absent when the finding is about all of them. */
  environment?: string;
  /** Absent when the finding is about the stack or the repository as a whole. */
  resource?: JudgedResource;
  /** One or more sentences that say what is wrong, complete without the other fields. */
  problem: string;
  /** What was found, where the rule compares a value. */
  found?: string;
  /** What the rule requires in its place. */
  wanted?: string;
  /** Why the rule exists. */
  reason: string;
  /** What to change. */
  remedy: string;
  /** Where the rule comes from, the most important source first. */
  sources: { id: string; url: string }[];
  /** The line that declared the resource; the line of a file in the repository for other findings. */
  location?: SourceLine;
  /** The lines that called the line of `location`, from the inner to the outer one. The last one is in index.ts. */
  calledFrom?: SourceLine[];
  /** Why and how long a waived finding is accepted. */
  waiver?: { reason: string; owner?: string; until: string };
  /** Identifies the finding in later reports: it depends on the rule and the URN only. */
  fingerprint: string;
}

/** Completes a finding with its fingerprint. */
export function createFinding(finding: Omit<Finding, "fingerprint">): Finding {
  const { judge, rule, resource, environment } = finding;
  return { ...finding, fingerprint: fingerprintOf(judge, rule, resource?.urn ?? environment ?? "") };
}

/** The most serious findings first, then by environment, rule and resource. */
export function sortFindings(findings: Finding[]): Finding[] {
  const key = ({ environment = "", rule, resource, problem }: Finding) =>
    [environment, rule, resource?.name ?? "", problem].join("\0");
  return findings.toSorted(
    (one, other) =>
      levels.indexOf(one.level) - levels.indexOf(other.level) ||
      severities.indexOf(other.severity) - severities.indexOf(one.severity) ||
      key(one).localeCompare(key(other)),
  );
}

const fingerprintOf = (judge: string, rule: string, subject: string): string =>
  createHash("sha256").update([judge, rule, subject].join("\0")).digest("hex").slice(0, 32);
