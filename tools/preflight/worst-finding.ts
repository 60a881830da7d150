import { toLines } from "@terminal-fleet/cli/azure-access";
import { type Finding, passed, type Result } from "./check.ts";

const severity: Result[] = ["failed", "couldNotTell", "passed"];

/**
 * One finding for several: the worst result, with the reasons and remedies of all that have not passed.
 * @param success The reason when all have passed.
 */
export function worstOf(findings: Finding[], success: string): Finding {
  const bad = findings.filter(({ result }) => result !== "passed");
  const details = [...new Set(findings.flatMap((finding) => finding.details ?? []))];
  if (bad.length === 0) return passed(success, details.length > 0 ? details : undefined);
  const sorted = bad.sort((a, b) => severity.indexOf(a.result) - severity.indexOf(b.result));
  const [worst] = sorted as [Finding];
  const remedy = [...new Set(sorted.flatMap((finding) => toLines(finding.remedy ?? [])))];
  return { ...worst, reason: sorted.map(({ reason }) => reason).join("; "), details, remedy };
}
