import type { OutsideVerdict } from "./outside-judges.ts";
import type { JudgeOutcome } from "./result.ts";

/** The score of each judge and its rules as Markdown tables, for docs/reference/external-rules.md. */
export function toScoreTables({ outcomes, scores, findings }: OutsideVerdict): string {
  const waivers = new Map<string, Set<string>>();
  for (const { level, rule, resource } of findings) {
    if (level !== "waived" || !resource) continue;
    waivers.set(rule, (waivers.get(rule) ?? new Set()).add(resource.name));
  }
  return [
    "| judge | version | rules | checks | met | waived | not met |",
    "|---|---|---:|---:|---:|---:|---:|",
    ...scores.map(
      ({ name, version, rules, passed, waived, failed }) =>
        `| ${name} | ${version} | ${rules} | ${passed + waived + failed} | ${passed} | ${waived} | ${failed} |`,
    ),
    ...outcomes.flatMap((outcome) => ["", `### ${outcome.judge}`, "", ...ruleTable(outcome, waivers)]),
  ].join("\n");
}

function ruleTable({ judge, results, notJudged }: JudgeOutcome, waivers: Map<string, Set<string>>): string[] {
  const all = [...results.values()].flat();
  const rules = [...Map.groupBy(all, ({ rule }) => rule)].sort(([one], [other]) => (one < other ? -1 : 1));
  // checkov's sentences are its own, so only its identifiers are here. One rule can be judged for several values.
  const demandsOf = (demands: string[]) => (judge === "checkov" ? [] : [[...new Set(demands)].join(" ")]);
  const header = [
    "rule",
    ...(judge === "checkov" ? [] : ["what it demands"]),
    "met",
    "not met",
    "waived for",
  ];
  return [
    row(header),
    row(header.map((name) => (/met$/.test(name) ? "---:" : "---"))),
    ...rules.map(([rule, checks]) => {
      const met = checks.filter(({ isPassed }) => isPassed).length;
      const waived = [...(waivers.get(rule) ?? [])].sort().map((name) => `\`${name}\``);
      return row([
        `[${rule}](${checks[0]!.url})`,
        ...demandsOf(checks.map(({ demands }) => demands)),
        String(met),
        String(checks.length - met),
        waived.join(", "),
      ]);
    }),
    ...(notJudged.length === 0 ? [] : ["", "Not judged:", "", ...notJudgedLines(notJudged)]),
  ];
}

function notJudgedLines(notJudged: JudgeOutcome["notJudged"]): string[] {
  return [...Map.groupBy(notJudged, ({ reason }) => reason)].map(
    ([reason, rules]) =>
      `- ${rules.map(({ rule }) => rule.replace("Azure Policy ", "")).join(", ")}: ${reason}`,
  );
}

const row = (cells: string[]): string => `| ${cells.join(" | ")} |`;
