import type { PolicyConfigSchema, Severity } from "@pulumi/policy";
import type { Source } from "./sources.ts";
import type { Properties } from "./value.ts";
import type { WaiverUse } from "./waivers.ts";

/** A resource as the program declares it: its inputs, without what Azure adds. */
export interface DeclaredResource {
  /** Type token without the API version, such as azure-native:storage:StorageAccount. */
  type: string;
  name: string;
  urn: string;
  /** Inputs of a provider's resource; outputs of the stack and of the program's own components. */
  properties: Properties;
  /** Outputs, as far as the engine knows them. Empty in resource rules: the engine sends outputs to stack rules only. */
  outputs: Properties;
  options: DeclaredOptions;
  /** The provider that manages the resource; undefined for the stack, for components and for providers. */
  provider: DeclaredProvider | undefined;
  /**
   * Whether `--target` excludes the resource and it is not deployed yet. The engine then sends it without any
   * property.
   */
  isExcluded: boolean;
  /**
   * URNs of the resources on which a property depends. They are known in a preview too. Empty in resource rules:
   * the engine sends dependencies to stack rules only.
   */
  dependenciesOf(property: string): string[];
}

/** The options of a resource that the engine sends. It does not send retainOnDelete, deletedWith and import. */
export interface DeclaredOptions {
  /** Whether Pulumi refuses to delete the resource. */
  protect: boolean;
  /** Paths of the inputs whose changes Pulumi ignores. */
  ignoreChanges: string[];
  /** URNs under which the resource is also searched in the state. */
  aliases: string[];
}

/** A provider, with its settings. */
export interface DeclaredProvider {
  name: string;
  type: string;
  properties: Properties;
}

interface RuleDescription {
  /** Unique in the pack, in the form resource-what. The rule's file has the same name. */
  id: string;
  severity: Severity;
  /** What the rule demands, in one sentence. */
  description: string;
  /** Why the rule exists, in one sentence. */
  reason: string;
  /** What to change, in one sentence. */
  remedy: string;
  /** Where the rule comes from, the most important source first. */
  sources: [Source, ...Source[]];
  /** Whether a violation is only reported. Default: false, a violation stops the deployment. */
  isAdvisory?: boolean;
}

/** A property with a value that the rule refuses. The message is: "PROPERTY is FOUND; it must be WANTED." */
export interface WrongValue {
  property: string;
  found: string;
  wanted: string;
}

/** One sentence, or a wrong value. */
export type Problem = string | WrongValue;

/** The sentence of a problem. */
export const describeProblem = (problem: Problem): string =>
  typeof problem === "string"
    ? problem
    : `${problem.property} is ${problem.found}; it must be ${problem.wanted}.`;

/** A setting of a rule: its JSON schema, what it means, and its default, which gives its type. */
export type SettingSchema<Value = unknown> = PolicyConfigSchema["properties"][string] & {
  description: string;
  default: Value;
};

/** Values of settings by name, as a configuration gives them. */
export type SettingValues = Readonly<Record<string, unknown>>;

/**
 * Returns the problems of a resource.
 * @param configured Values of the rule's settings; a setting that is absent has its default.
 */
export type Check = (resource: DeclaredResource, configured?: SettingValues) => Problem[];

/** A rule on single resources. An update checks each resource before it is created or changed. */
export interface ResourceRule extends RuleDescription {
  /** One check by resource type, or one check for resources of every type. */
  check: Record<string, Check> | Check;
  /** What Pulumi's --policy-pack-config can change of the rule, besides its enforcement level. Default: nothing. */
  settings?: Record<string, SettingSchema>;
  /** Whether the rule is about resources that `--target` excludes. No other rule sees them. Default: false. */
  checksExcluded?: boolean;
}

/** Names of resources by property path, or by "outputs": values that a rule read and that a preview does not know. */
export type UnknownReads = Map<string, Set<string>>;

/** A rule on the stack as a whole. A preview checks it before anything is created, an update at its end. */
export interface StackRule extends RuleDescription {
  /**
   * @param takeUnknownReads Returns what rules could not read since its last call.
   * @param waiverUse The violations of earlier rules that waivers accept.
   */
  checkStack(
    resources: DeclaredResource[],
    takeUnknownReads: () => UnknownReads,
    waiverUse: WaiverUse,
  ): Violation[];
}

export interface Violation {
  /** The resource that has the problem; undefined for the stack. */
  resource: DeclaredResource | undefined;
  problem: Problem;
}

export type Rule = ResourceRule | StackRule;

export const isStackRule = (rule: Rule): rule is StackRule => "checkStack" in rule;
