import { appendFileSync } from "node:fs";
import { describeProblem, type Problem, type Rule } from "./rule.ts";
import type { Waiver } from "./waivers.ts";

/** What a program that reads the pack's violations as data learns about one of them. */
export interface RecordedViolation {
  rule: string;
  /** Absent for the stack. */
  urn?: string;
  /** One sentence. */
  problem: string;
  /** The refused value and what the rule requires in its place, where the rule compares a value. */
  found?: string;
  wanted?: string;
  reason: string;
  remedy: string;
  sources: { id: string; url: string }[];
  /** The waiver that accepts it. The engine does not receive a violation with a waiver. */
  waiver?: Pick<Waiver, "reason" | "owner" | "until">;
}

/**
 * Appends a violation to the file that the environment variable POLICY_FINDINGS_FILE names, as one line of JSON. Does
 * nothing without the variable. The engine receives the same violation as text, and alone decides what it means.
 */
export function recordViolation(
  rule: Rule,
  urn: string | undefined,
  problem: Problem,
  waiver: Waiver | undefined,
): void {
  const file = process.env.POLICY_FINDINGS_FILE;
  if (!file) return;
  const { found, wanted } = typeof problem === "string" ? {} : problem;
  const { id, reason, remedy, sources } = rule;
  const violation: RecordedViolation = {
    rule: id,
    urn,
    problem: describeProblem(problem),
    found,
    wanted,
    reason,
    remedy,
    sources,
    waiver: waiver && { reason: waiver.reason, owner: waiver.owner, until: waiver.until },
  };
  appendFileSync(file, `${JSON.stringify(violation)}\n`);
}
