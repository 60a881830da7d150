import type { Step } from "../deployment/engine-events.ts";
import {
  logicalName,
  type StackState,
  type StateResource,
  sourceLinesOf,
  stackType,
} from "../deployment/stack-state.ts";
import { type Operation, operations, type ResourceChange } from "../report/report.ts";
import { consequencesOfChange, consequencesOfLoss } from "./consequences.ts";
import { differencesOf, leavesOf } from "./differences.ts";
import { optionsOf } from "./options.ts";

/** A stack before and after the change is deployed over the base's program. */
export interface ComparedDeployments {
  before: StackState;
  after: StackState;
  /** The engine's steps of the second deployment. */
  steps: Step[];
  /** Folders of the program: of the change, and of the base. */
  roots: string[];
}

/** What the engine's steps do to a resource in Azure. Other steps change nothing. */
const operationByStep: Record<string, Operation> = {
  create: "created",
  import: "created",
  update: "changed",
  replace: "replaced",
  "create-replacement": "replaced",
  "delete-replaced": "replaced",
  delete: "deleted",
};

/** What the change does to the resources of a stack: what needs an acceptance comes first. */
export function compareDeployments(compared: ComparedDeployments): ResourceChange[] {
  const before = byUrn(compared.before);
  const after = byUrn(compared.after);
  const planned = plannedOperations(compared.steps);
  // An alias gives a resource another URN without replacing it.
  const formerUrns = new Map(compared.steps.map(({ urn, old }) => [urn, old?.urn ?? urn]));
  for (const [urn, former] of formerUrns) if (urn !== former) moveKey(before, former, urn);
  const urns = new Set([...before.keys(), ...after.keys(), ...planned.keys()]);
  const changes = [...urns].flatMap((urn) => {
    const [old, now] = [before.get(urn), after.get(urn)];
    const type = (now ?? old)?.type ?? "";
    if (type === stackType) return compareOutputs(urn, old, now);
    if (!(now ?? old)?.custom || type.startsWith("pulumi:")) return [];
    return compareResource(urn, planned.get(urn), old, now);
  });
  const withPlaces = changes.map((change) => {
    const [location] = sourceLinesOf(after.get(change.urn), compared.roots);
    return { ...change, location };
  });
  return sortChanges(withPlaces);
}

const byUrn = ({ deployment }: StackState) =>
  new Map((deployment.resources ?? []).map((resource) => [resource.urn, resource]));

function moveKey<T>(map: Map<string, T>, from: string, to: string): void {
  const value = map.get(from);
  if (value === undefined) return;
  map.delete(from);
  map.set(to, value);
}

/** The most serious operation of each resource: a replacement has several steps. */
function plannedOperations(steps: Step[]): Map<string, Operation> {
  const planned = new Map<string, Operation>();
  for (const { op, urn } of steps) {
    const operation = operationByStep[op];
    const known = planned.get(urn);
    if (operation && (!known || operations.indexOf(operation) < operations.indexOf(known))) {
      planned.set(urn, operation);
    }
  }
  return planned;
}

function compareResource(
  urn: string,
  planned: Operation | undefined,
  before: StateResource | undefined,
  after: StateResource | undefined,
): ResourceChange[] {
  const [old, now] = [before, after].map((resource) =>
    leavesOf(resource ? { ...resource.inputs, options: optionsOf(resource) } : {}),
  ) as [ReturnType<typeof leavesOf>, ReturnType<typeof leavesOf>];
  const isExchanged = planned === "replaced" || planned === "deleted";
  const differences = before && after ? differencesOf(old, now) : [];
  const operation = planned ?? (differences.length > 0 ? "changed" : undefined);
  if (!operation) return [];
  const type = (after ?? before)?.type ?? "";
  const consequences = [
    ...consequencesOfLoss(operation, type),
    ...(before && after && !isExchanged ? consequencesOfChange(before, after, [old, now]) : []),
  ].map((consequence) => ({ ...consequence, isAccepted: false }));
  return [{ operation, name: logicalName(urn), urn, type, differences, consequences }];
}

/** Outputs are what the operators' command line and pipelines know of a stack. */
function compareOutputs(
  urn: string,
  before: StateResource | undefined,
  after: StateResource | undefined,
): ResourceChange[] {
  const [old, now] = [leavesOf(before?.outputs ?? {}), leavesOf(after?.outputs ?? {})];
  const differences = differencesOf(old, now);
  if (differences.length === 0 || !before || !after) return [];
  const consequences = differences
    .filter((difference) => difference.before !== null)
    .map(({ path, before: value, after: changed }) => ({
      what: `output ${path}`,
      explanation: `The stack output ${path} changes from ${value} to ${changed ?? "absent"}. The command line and pipelines read it.`,
      isAccepted: false,
    }));
  const change = { name: logicalName(urn), urn, type: stackType, differences, consequences };
  return [{ operation: "changed", ...change }];
}

const sortChanges = (changes: ResourceChange[]): ResourceChange[] =>
  changes.toSorted(
    (one, other) =>
      Number(other.consequences.length > 0) - Number(one.consequences.length > 0) ||
      operations.indexOf(one.operation) - operations.indexOf(other.operation) ||
      one.urn.localeCompare(other.urn),
  );
