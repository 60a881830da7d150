import type { z } from "zod";

const units: Record<string, string> = { string: "character", array: "item" };

/**
 * What is wrong with a value that a schema refuses, in a sentence without its full stop.
 * @param name The value's name, for example hubs[0].name; empty for the whole.
 * @example "status must be at most 599"
 */
export function describeProblem(name: string, issue: z.core.$ZodIssue): string {
  const subject = name || "the value";
  switch (issue.code) {
    case "invalid_value":
      return `${subject} must be ${issue.values.map(String).join(" or ")}`;
    case "invalid_type":
      return `${subject} must be of type ${issue.expected}`;
    case "unrecognized_keys":
      return `${subject} has unknown members: ${issue.keys.join(", ")}`;
    case "too_big":
      return `${subject} must ${limit(issue.origin, "at most", issue.maximum)}`;
    case "too_small":
      return `${subject} must ${limit(issue.origin, issue.inclusive === false ? "more than" : "at least", issue.minimum)}`;
    default:
      return name ? `${name}: ${issue.message}` : issue.message;
  }
}

function limit(origin: string, bound: string, value: number | bigint): string {
  const unit = units[origin];
  if (!unit) return `be ${bound} ${value}`;
  return `have ${bound} ${value} ${unit}${Number(value) === 1 ? "" : "s"}`;
}
