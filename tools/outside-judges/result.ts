import type { DeclaredResource } from "../export-arm/declared-resources.ts";

/** The programs and rule sets of others that judge the declared resources. */
export const judges = ["checkov", "Azure Policy"] as const;
export type JudgeName = (typeof judges)[number];

/** What a rule of others says about one declared resource. */
export interface OutsideResult {
  judge: JudgeName;
  /** Identifier as waivers name it, such as CKV_AZURE_59 or "Azure Policy b2982f36". */
  rule: string;
  /** What the rule demands, in one sentence. */
  demands: string;
  /** Where the rule is documented. */
  url: string;
  /** Name of the resource in the program, and its URN and type token. */
  resource: Pick<DeclaredResource, "logicalName" | "urn" | "token">;
  isPassed: boolean;
  /** Severity of a failure: high where the rule refuses a deployment by default. */
  severity: "high" | "medium";
}

/** What a judge says about the stacks of one run. */
export interface JudgeOutcome {
  judge: JudgeName;
  /** Version of the judge, or of its rules. */
  version: string;
  /** Why the judge could not run; undefined when it did. A judge that did not run has passed nothing. */
  couldNotRun?: string;
  /** Results by stack. */
  results: Map<string, OutsideResult[]>;
  /** Rules for the declared types that the judge does not judge, with the reason. */
  notJudged: { rule: string; reason: string }[];
}
