import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { optionsOf } from "./comparison/options.ts";
import { managedResources, type StackState, toJudgedResource } from "./deployment/stack-state.ts";
import { createFinding, type Finding } from "./report/finding.ts";

/** A resource in the snapshot of an environment. */
export interface SnapshotEntry {
  type: string;
  /** The physical name, with SUFFIX for the stack's random suffix. Absent when the resource has none of its own. */
  name?: string;
  /** Options that differ from their defaults. Absent when all have their defaults. */
  options?: Record<string, unknown>;
}

/** The snapshot of an environment, by URN, in their order. */
export type Snapshot = Record<string, SnapshotEntry>;

/** Path of an environment's snapshot, from the project's folder. */
export const snapshotFile = (environment: string): string => `policies/snapshot/${environment}.json`;

/** Properties that hold a physical name, the outer one first: ACCOUNT/CONTAINER. */
const nameProperties = [
  "accountName",
  "resourceName",
  "resourceGroupName",
  "serviceName",
  "workspaceName",
  "actionGroupName",
  "ruleName",
  "containerName",
  "tableName",
  "roleName",
  "apiId",
  "operationId",
  "backendId",
  "displayName",
];
/** The property of the resource group in other resources names the group, and not the resource. */
const groupType = "azure-native:resources:ResourceGroup";

/** Reads the snapshot of a deployed stack. */
export function takeSnapshot(state: StackState): Snapshot {
  const suffix = findSuffix(state);
  const entries = managedResources(state).map((resource) => {
    const { inputs = {}, type, urn } = resource;
    const names = nameProperties
      .filter((name) => name !== "resourceGroupName" || type === groupType)
      .flatMap((name) => (typeof inputs[name] === "string" ? [inputs[name]] : []));
    const options = optionsOf(resource);
    const entry: SnapshotEntry = {
      type,
      name: names.length === 0 ? undefined : withoutSuffix(names.join("/"), suffix),
      options: Object.keys(options).length === 0 ? undefined : options,
    };
    return [urn, entry] as const;
  });
  const text = JSON.stringify(Object.fromEntries(entries.sort(([one], [other]) => one.localeCompare(other))));
  return JSON.parse(text) as Snapshot;
}

const withoutSuffix = (name: string, suffix: string | undefined): string =>
  suffix === undefined ? name : name.replaceAll(suffix, "SUFFIX");

function findSuffix({ deployment }: StackState): string | undefined {
  const random = (deployment.resources ?? []).find(
    ({ type }) => type === "random:index/randomString:RandomString",
  );
  const result = random?.outputs?.result;
  return typeof result === "string" && result.length > 0 ? result : undefined;
}

/** Writes the snapshot of an environment into the project. */
export function writeSnapshot(root: string, environment: string, snapshot: Snapshot): void {
  const path = join(root, snapshotFile(environment));
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify(snapshot, undefined, 2)}\n`);
}

/** Compares what was deployed with the snapshot in the project. Each difference is a failure that explains itself. */
export function compareWithSnapshot(root: string, environment: string, actual: Snapshot): Finding[] {
  const text = readSnapshot(root, environment);
  if (text === undefined) {
    return [snapshotFinding(environment, undefined, 1, `There is no ${snapshotFile(environment)}.`)];
  }
  const expected = JSON.parse(text) as Snapshot;
  const lines = text.split("\n");
  const urns = [...new Set([...Object.keys(expected), ...Object.keys(actual)])];
  return urns.flatMap((urn) => {
    const problem = describeDifference(expected[urn], actual[urn]);
    if (problem === undefined) return [];
    const line = lines.findIndex((each) => each.includes(JSON.stringify(urn))) + 1;
    return [snapshotFinding(environment, urn, line || 1, problem)];
  });
}

function describeDifference(expected: SnapshotEntry | undefined, actual: SnapshotEntry | undefined) {
  if (!expected) return "The snapshot does not have this resource: it is new, or has a new URN.";
  if (!actual) {
    return "The snapshot has this resource, and the program does not declare it: it is deleted, or has a new URN.";
  }
  const differing = [
    ["type", expected.type, actual.type],
    ["name", expected.name, actual.name],
    ["options", JSON.stringify(expected.options ?? {}), JSON.stringify(actual.options ?? {})],
  ].filter(([, before, after]) => before !== after);
  if (differing.length === 0) return undefined;
  return differing
    .map(([what, before, after]) => `The ${what} changes from ${before ?? "absent"} to ${after ?? "absent"}.`)
    .join(" ");
}

function readSnapshot(root: string, environment: string): string | undefined {
  try {
    return readFileSync(join(root, snapshotFile(environment)), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

function snapshotFinding(
  environment: string,
  urn: string | undefined,
  line: number,
  problem: string,
): Finding {
  return createFinding({
    judge: "snapshot",
    rule: "snapshot-differs",
    severity: "high",
    level: "failure",
    environment,
    resource: urn === undefined ? undefined : toJudgedResource(urn),
    problem,
    reason:
      "A URN, a physical name or an option decides what a deployment replaces, deletes or keeps, and a review must see each change of one.",
    remedy: `Undo the change, or run npm run judge -- --update-snapshot and commit ${snapshotFile(environment)}.`,
    sources: [
      { id: "Pulumi: resource URNs", url: "https://www.pulumi.com/docs/iac/concepts/resources/names/" },
    ],
    location: { file: snapshotFile(environment), line },
  });
}
