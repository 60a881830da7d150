import type { Finding } from "./finding.ts";

/** Findings that differ in their resource only. A person reads them as one. */
export interface FindingGroup {
  /** The finding of the first resource. */
  finding: Finding;
  /** All findings of the group, in their order. */
  findings: Finding[];
}

/** Groups findings with the same rule, level, environment and text, in the order of their first one. */
export function groupFindings(findings: Finding[]): FindingGroup[] {
  const groups = new Map<string, FindingGroup>();
  for (const finding of findings) {
    const { resource: _, location: __, calledFrom: ___, fingerprint: ____, ...common } = finding;
    // Findings without a resource have a place of their own, and stay alone.
    const key = finding.resource ? JSON.stringify(common) : finding.fingerprint + finding.problem;
    const group = groups.get(key);
    if (group) group.findings.push(finding);
    else groups.set(key, { finding, findings: [finding] });
  }
  return [...groups.values()];
}
