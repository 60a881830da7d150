import type { Condition } from "./language/evaluate.ts";

/** Effects that report or refuse a resource that does not comply, or would change it. */
export const effects = ["Audit", "Deny", "AuditIfNotExists", "DeployIfNotExists", "Modify"] as const;
export type Effect = (typeof effects)[number];

/**
 * A built-in definition of Azure Policy. Its logic is that of the published policyRule in its version; the sentence that
 * describes it is our own.
 */
export interface PolicyDefinition {
  /** GUID of the definition, the same in every tenant. */
  id: string;
  /** The version whose logic this is, from the definition's metadata. */
  version: string;
  /** Indexed: only resources with tags and a location. All: resource groups and every other resource too. */
  mode: "All" | "Indexed";
  /** Its default effect. */
  effect: Effect;
  /** What a resource must be like to comply, in one sentence. */
  demands: string;
  /** Values of the parameters: the defaults of the definition, and ours where it has none. */
  parameters?: Record<string, unknown>;
  /** Holds for resources that do not comply, or that need a related resource. */
  if: Condition;
  /** The related resource of the effects AuditIfNotExists and DeployIfNotExists. */
  details?: RelatedResource;
}

/** A resource that must exist beside the judged one. */
export interface RelatedResource {
  type: string;
  /** A text or a template expression; absent for any name. */
  name?: string;
  /** What the resource must be like; absent when it only has to exist. */
  existenceCondition?: Condition;
}

/** A definition for the declared types that is not evaluated, and why. */
export interface DefinitionNotJudged {
  id: string;
  version: string;
  reason: string;
}
