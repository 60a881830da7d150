import { compilePolicy, type References } from "./policy/compile-policy.ts";
import type { PolicyFormat, PolicyProblem } from "./policy/document.ts";

export type { PolicyFormat, PolicyProblem } from "./policy/document.ts";

/** Options of the check. */
export interface PolicyCheckOptions extends Partial<References> {
  /** The resource's property `format`. Default "xml", as in Azure Resource Manager. */
  format?: PolicyFormat;
}

/**
 * Checks an API policy. Returns the elements, attributes and expressions that API Management or the sandbox's
 * gateway does not support, each with its line. Without problems the gateway runs every part of the policy.
 * @param xml The document.
 * @param options.tier Default "v2".
 * @param options.namedValue Returns the value of {{name}}, or undefined. Default: there are no named values.
 * @param options.hasBackend Whether the service has a Backend with this ID. Default: yes.
 */
export function checkPolicy(xml: string, options: PolicyCheckOptions = {}): PolicyProblem[] {
  return compilePolicy(xml, options.format ?? "xml", {
    tier: options.tier ?? "v2",
    namedValue: options.namedValue ?? (() => undefined),
    hasBackend: options.hasBackend ?? (() => true),
  }).problems;
}
