import { knownTypes } from "../allowlists/resource-types.ts";
import type { ResourceRule } from "../engine/rule.ts";
import { isOwn } from "../engine/type-tokens.ts";
import { at, leaves, type Properties, unknown, type Value } from "../engine/value.ts";

/** Types through which something is deployed that no rule sees, or data leaves, by what they do. */
const refused: [type: RegExp, why: string][] = [
  [/^azure-native:resources:(Deployment|TemplateSpec)/, "a template deploys what no rule sees"],
  [/^azure-native:resources:Azure(Cli|PowerShell)Script$/, "a script deploys what no rule sees"],
  [/^azure-native:resources:Resource$/, "a generic resource is of a type that no rule sees"],
  [
    /^azure-native:storage:StorageAccountStaticWebsite$/,
    "a static website's container $web is always public",
  ],
  [/^azure-native:storage:ObjectReplicationPolicy$/, "object replication copies blobs to another account"],
  [/^azure-native:storage:Blob$/, "a blob's content would be kept in the state"],
  [
    /^(pulumi-nodejs|pulumi-python):dynamic|^command:/,
    "code that runs in a deployment does what no rule sees",
  ],
];

const whyRefused = (type: string) => refused.find(([expression]) => expression.test(type))?.[1];

/**
 * What is set of a resource and is not known, each path once. Providers add notes of their own: names with __ before
 * them, and the version of Azure's API.
 */
function strangers(properties: Properties, known: string[]): string[] {
  const strange = ([path]: [string, Value]) => {
    const words = named(path);
    const isNote = words.split(".").some((name) => name.startsWith("__") || name === "azureApiVersion");
    return !isNote && !known.some((each) => isWithin(words, each) || isWithin(each, words));
  };
  const found = [...leaves(properties)]
    .filter(strange)
    .filter(([path, value]) => isSet(value === unknown ? at(properties, path) : value))
    .map(([path]) => named(path));
  return [...new Set(found)];
}

/** A path without its places in lists. */
const named = (path: string) => path.replaceAll(/\.\d+(?=\.|$)/g, "");

/** Off and empty say no more than nothing; what is not known yet is judged by the update. */
const isSet = (value: Value) => value !== unknown && !["", false, null, undefined].includes(value as null);

const isWithin = (path: string, outer: string) => path === outer || path.startsWith(`${outer}.`);

/** The pack judges what it knows, and takes nothing else. */
export const knownTypeRules: ResourceRule[] = [
  {
    name: "nothing-goes-around-the-rules",
    reason: "What is deployed by a template, a script or a copy is judged by nobody.",
    remedy: "Declare the resources themselves.",
    sources: ["design: policies", "AZR-000199"],
    check: ({ type }) => {
      const why = whyRefused(type);
      return why ? [`it is a ${type}: ${why}.`] : [];
    },
  },
  {
    name: "known-resource-types-only",
    reason: "A type that nobody looked at escapes the rules on regions, access, secrets and transport.",
    remedy: "Add it to policies/known-types.ts, with the regions it may be in and the rules that it needs.",
    sources: ["design: policies"],
    check: ({ type }) =>
      knownTypes[type] || isOwn(type) || whyRefused(type)
        ? []
        : [`it is a ${type}, which the pack does not know.`],
  },
  {
    name: "whole-stack-first",
    reason:
      "Nothing is told of what --target leaves out before it is made, so that the stack cannot be judged.",
    remedy: "Deploy the whole stack without --target; once everything is there, --target is judged too.",
    sources: ["design: policies"],
    ofLeftOut: true,
    check: () => ["--target leaves it out, and it is not made yet."],
  },
  {
    name: "known-properties-only",
    reason:
      "A property that nobody looked at can undo what rules ask for: another door, another place, another owner.",
    remedy: "Leave it away, or add it to policies/known-properties.ts, with the rule that it needs.",
    sources: ["design: policies"],
    check: ({ type, properties }) => {
      const known = knownTypes[type]?.properties;
      return known ? strangers(properties, known).map((path) => `${path} is set, and is not known.`) : [];
    },
  },
];
