import type { StackRule } from "../engine/rule.ts";
import { expiredWaivers } from "../waivers.ts";

/** Reminds of what was agreed for a time. */
export const waiverRules: StackRule[] = [
  {
    name: "waivers-are-reviewed",
    reason: "What was agreed for a time is looked at again when the time is over.",
    remedy: "Look at it again, and move the date or end the waiver, in policies/waivers.ts.",
    sources: ["Azure Verified Modules"],
    advisory: true,
    checkStack: (resources) =>
      expiredWaivers(new Date()).flatMap((waiver) =>
        resources
          .filter(({ name, type }) => waiver.resources.includes(name) && !type.startsWith("terminal-fleet:"))
          .map((resource) => ({
            resource,
            problem: `the waiver of ${waiver.ids.join(", ")} ended on ${waiver.expires}.`,
          })),
      ),
  },
];
