import type { Difference } from "./compare.ts";
import type { Transcript } from "./transcript.ts";

const cell = (text: string) => text.replaceAll("|", "\\|").replaceAll("\n", " ");
const code = (value: unknown) => `\`${JSON.stringify(value)}\``;

/** The transcript as a page in Markdown, with a comparison when there is one. */
export function transcriptPage(
  transcript: Transcript,
  comparison?: { other: Transcript; rows: Difference[] },
): string {
  const { checks, target, region, startedAt, endedAt, isComplete } = transcript;
  const count = (verdict: string) => checks.filter((check) => check.verdict === verdict).length;
  const lines = [
    `# Conformance run against ${target === "azure" ? "Azure" : "the sandbox"}`,
    "",
    `Region ${region}, from ${startedAt} to ${endedAt}.${isComplete ? "" : " The run was interrupted."}`,
    `${count("passed")} passed, ${count("failed")} failed, ${count("unknown")} could not tell.`,
    "",
    "| check | behaviour | result | seen |",
    "|---|---|---|---|",
  ];
  for (const { id, title, source, verdict, observations, measurements, reason } of checks) {
    const seen = [
      ...observations.map(({ what, observed, expected, ok }) =>
        ok ? `${what}: ${code(observed)}` : `**${what}: ${code(observed)}, expected ${code(expected)}**`,
      ),
      ...measurements.map(({ what, seconds }) => `${what}: ${seconds} s`),
      ...(reason === undefined ? [] : [`could not tell: ${reason}`]),
    ].join("; ");
    const shown = verdict === "unknown" ? "could not tell" : verdict;
    lines.push(`| \`${id}\` | [${cell(title)}](${source}) | ${shown} | ${cell(seen)} |`);
  }
  return `${[...lines, ...(comparison ? comparisonLines(comparison) : [])].join("\n")}\n`;
}

/** The comparison as Markdown. */
export function comparisonLines({ other, rows }: { other: Transcript; rows: Difference[] }): string[] {
  const count = (result: string) => rows.filter((row) => row.result === result).length;
  return [
    "",
    `## Compared with the run against ${other.target === "azure" ? "Azure" : "the sandbox"} of ${other.startedAt}`,
    "",
    `${count("same")} same, ${count("different")} different, ${count("unknown")} could not tell.`,
    "",
    "| check | result | details |",
    "|---|---|---|",
    ...rows.map(
      ({ id, result, details }) =>
        `| \`${id}\` | ${result === "unknown" ? "could not tell" : result} | ${cell(details.join("; "))} |`,
    ),
  ];
}
