import type { StackRule } from "../../engine/rule.ts";
import { pulumiDocs } from "../../engine/sources.ts";

/** Must be the last rule, because it reports what the rules before it could not read. */
export const stackPreviewUnknownValues: StackRule = {
  id: "stack-preview-unknown-values",
  severity: "low",
  description: "A preview knows every value that a rule reads.",
  reason: "A preview passes with unknown values, which no rule has checked.",
  remedy: "Deploy to a test environment first; an update also checks each value before it uses it.",
  sources: [pulumiDocs("pulumi preview", "iac/cli/commands/pulumi_preview")],
  isAdvisory: true,
  checkStack: (_, takeUnknownReads) => {
    const reads = [...takeUnknownReads()].sort(([one], [other]) => one.localeCompare(other));
    if (reads.length === 0) return [];
    const listed = reads.map(([property, names]) => `${property} of ${summarize([...names])}`);
    return [
      {
        resource: undefined,
        problem: `this preview does not know, and no rule has checked: ${listed.join("; ")}.`,
      },
    ];
  },
};

/** Up to three names, else their number, so that the message stays short. */
const summarize = (names: string[]): string =>
  names.length > 3 ? `${names.length} resources` : names.sort().join(", ");
