import type { StateResource } from "../deployment/stack-state.ts";
import type { Operation } from "../report/report.ts";
import { meaningOf } from "./data-and-names.ts";
import type { Leaves } from "./differences.ts";

/** What an acceptance can name as its `what`. An output is "output NAME". */
export type Consequence = { what: string; explanation: string };

/** Storage redundancy from the least to the most copies. Source: "Azure Storage redundancy". */
const redundancy = ["LRS", "ZRS", "GRS", "RAGRS", "GZRS", "RAGZRS"];

/** Properties whose number says how long something is kept. */
const isRetention = (path: string) =>
  /(retention|immutabilityPeriod|InDays$|\.days$|daysAfter)/i.test(path) &&
  // The lifetimes of keys and signatures: shorter is stricter.
  !/^(keyPolicy|sasPolicy)\./.test(path);

/** Settings whose value true keeps something for a time. */
const isRetentionSwitch = (path: string) =>
  /(retention|softDelete|versioning)\w*\.(enabled|isEnabled)$/i.test(path);

/** Consequences of a deletion or a replacement. */
export function consequencesOfLoss(operation: Operation, type: string): Consequence[] {
  if (operation !== "deleted" && operation !== "replaced") return [];
  const { isLost } = meaningOf(type);
  return isLost ? [{ what: operation, explanation: `Azure deletes ${isLost}.` }] : [];
}

/** Consequences of changed properties and options. */
export function consequencesOfChange(
  before: StateResource,
  after: StateResource,
  [leavesBefore, leavesAfter]: [Leaves, Leaves],
): Consequence[] {
  return [
    ...renamed(before.type, leavesBefore, leavesAfter),
    ...keptShorter(leavesBefore, leavesAfter),
    ...lessRedundant(before.type, leavesBefore, leavesAfter),
    ...lessProtected(before, after),
  ];
}

function renamed(type: string, before: Leaves, after: Leaves): Consequence[] {
  return Object.entries(meaningOf(type).knownProperties ?? {})
    .filter(([path]) => before.get(path) !== after.get(path))
    .map(([path, reason]) => ({
      what: "renamed",
      explanation: `${path} changes from ${show(before, path)} to ${show(after, path)}: ${reason}.`,
    }));
}

function keptShorter(before: Leaves, after: Leaves): Consequence[] {
  const paths = [...new Set([...before.keys(), ...after.keys()])];
  return paths
    .filter((path) => isShorter(path, before.get(path), after.get(path)))
    .map((path) => ({
      what: "shorter retention",
      explanation: `${path} falls from ${show(before, path)} to ${show(after, path)}.`,
    }));
}

function isShorter(path: string, before: unknown, after: unknown): boolean {
  if (isRetentionSwitch(path)) return before === true && after !== true;
  if (!isRetention(path)) return false;
  // A lifecycle rule that is added deletes what was kept.
  if (/daysAfter/i.test(path) && typeof after === "number")
    return before === undefined || Number(before) > after;
  if (typeof before !== "number" || /daysAfter/i.test(path)) return false;
  return typeof after !== "number" || after < before;
}

function lessRedundant(type: string, before: Leaves, after: Leaves): Consequence[] {
  const explanation = (path: string) =>
    `${path} falls from ${show(before, path)} to ${show(after, path)}, so fewer failures are survived.`;
  const rank = (leaves: Leaves) =>
    redundancy.indexOf(String(leaves.get("sku.name")).split("_").at(-1)!.toUpperCase());
  if (type.endsWith(":StorageAccount") && rank(after) < rank(before)) {
    return [{ what: "weaker redundancy", explanation: explanation("sku.name") }];
  }
  const units = (leaves: Leaves) => Number(leaves.get("sku.capacity") ?? 1);
  if (type.endsWith(":ApiManagementService") && units(after) < units(before)) {
    return [{ what: "weaker redundancy", explanation: explanation("sku.capacity") }];
  }
  return [];
}

/** Options by which a later deployment can delete what this one keeps. */
function lessProtected(before: StateResource, after: StateResource): Consequence[] {
  const options = (["protect", "retainOnDelete"] as const).filter(
    (option) => before[option] && !after[option],
  );
  return options.map((option) => ({
    what: "unprotected",
    explanation: `The option ${option} is removed, so the next deployment can delete the resource.`,
  }));
}

const show = (leaves: Leaves, path: string): string =>
  leaves.has(path) ? JSON.stringify(leaves.get(path)) : "absent";
