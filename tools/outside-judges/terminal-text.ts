import { sortFindings } from "../judge/report/finding.ts";
import type { OutsideVerdict } from "./outside-judges.ts";

/** The verdict for a person at a terminal: the score of each judge, then what is not met. */
export function toTerminalText({ findings, scores }: OutsideVerdict): string {
  const open = sortFindings(findings.filter(({ level }) => level !== "waived"));
  return [
    ...scores.map(({ name, version, rules, passed, failed, waived }) =>
      name.endsWith("(could not run)")
        ? name
        : `${name} ${version}: ${count(rules, "rule")} in ${count(passed + failed + waived, "check")}: ${passed} met, ${waived} waived, ${failed} not met`,
    ),
    ...open.map(
      ({ level, environment, rule, resource, problem, remedy }) =>
        `  [${level}] ${environment ? `${environment}: ` : ""}${rule}: ${resource ? `${resource.name}: ` : ""}${problem} ${remedy}`,
    ),
    open.length === 0 ? "Every rule is met or waived." : `${count(open.length, "finding")}.`,
  ].join("\n");
}

const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? "" : "s"}`;
