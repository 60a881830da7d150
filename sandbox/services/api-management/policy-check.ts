import { compilePolicy, type References } from "./policy/compile-policy.ts";
import type { PolicyFormat, PolicyProblem } from "./policy/document.ts";

export type { PolicyFormat, PolicyProblem } from "./policy/document.ts";

/** What the check needs to know besides the document. */
export interface PolicyCheckOptions extends Partial<References> {
  /** As in the resource's properties; ARM's default is "xml". */
  format?: PolicyFormat;
}

/**
 * What keeps a policy document from being run: elements, attributes and expressions that API Management or the
 * sandbox's gateway does not take, each with its line. None at all means that the gateway runs every part of it.
 * @param xml The document.
 * @param options.tier Default "v2".
 * @param options.namedValue The value of {{name}}, or undefined when there is none; none are known by default.
 * @param options.hasBackend Whether the service has a Backend with this ID; default yes.
 */
export function checkPolicy(xml: string, options: PolicyCheckOptions = {}): PolicyProblem[] {
  return compilePolicy(xml, options.format ?? "xml", {
    tier: options.tier ?? "v2",
    namedValue: options.namedValue ?? (() => undefined),
    hasBackend: options.hasBackend ?? (() => true),
  }).problems;
}
