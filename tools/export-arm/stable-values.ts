import { createHash } from "node:crypto";
import { isAzureResource, isSecret, type StackState, type StateResource } from "./stack-state.ts";

const guidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Outputs of azure-native and azuread with an identifier that Azure chooses at random. */
const randomOutputs = ["principalId", "objectId", "clientId", "applicationId", "customerId", "name"];

/**
 * Finds the values that differ from one deployment to the next: random suffixes, and the GUIDs of identities, roles and
 * the subscription. Each gets a value of the same form that depends on nothing but the resource that it belongs to, so
 * that two exports of one program are equal.
 * @param environment Values that belong to no resource, such as the ID of the subscription, by a name for each.
 */
export function findStableValues(
  state: StackState,
  environment: Record<string, string>,
): Map<string, string> {
  const stable = new Map<string, string>();
  for (const [name, value] of Object.entries(environment)) stable.set(value, stableGuid(name));
  const resources = (state.deployment.resources ?? []).toSorted((one, other) =>
    one.urn.localeCompare(other.urn),
  );
  for (const resource of resources) {
    for (const [path, value] of randomValues(resource)) {
      if (stable.has(value)) continue;
      const seed = `${resource.urn}#${path}`;
      stable.set(value, guidPattern.test(value) ? stableGuid(seed) : stableText(seed, value));
    }
  }
  return stable;
}

/** Replaces the values in every string below a value. */
export function replaceValues<T>(value: T, replacements: Map<string, string>): T {
  if (replacements.size === 0) return value;
  const alternatives = [...replacements.keys()].sort((one, other) => other.length - one.length);
  const pattern = new RegExp(alternatives.map((each) => RegExp.escape(each)).join("|"), "g");
  const visit = (each: unknown): unknown => {
    if (typeof each === "string") return each.replace(pattern, (found) => replacements.get(found)!);
    if (Array.isArray(each)) return each.map(visit);
    if (typeof each !== "object" || each === null) return each;
    return Object.fromEntries(Object.entries(each).map(([key, inner]) => [visit(key), visit(inner)]));
  };
  return visit(value) as T;
}

function randomValues(resource: StateResource): [path: string, value: string][] {
  const outputs = resource.outputs ?? {};
  if (resource.type.startsWith("random:"))
    return typeof outputs.result === "string" ? [["result", outputs.result]] : [];
  if (!isAzureResource(resource) && !resource.type.startsWith("azuread:")) return [];
  const identity = isSecret(outputs.identity) ? {} : ((outputs.identity ?? {}) as Record<string, unknown>);
  const found = { ...outputs, principalId: outputs.principalId ?? identity.principalId };
  return randomOutputs.flatMap((path): [string, string][] => {
    const value = (found as Record<string, unknown>)[path];
    return typeof value === "string" && guidPattern.test(value) ? [[path, value]] : [];
  });
}

function stableGuid(seed: string): string {
  const hash = createHash("sha256").update(seed).digest("hex");
  return [
    hash.slice(0, 8),
    hash.slice(8, 12),
    `4${hash.slice(13, 16)}`,
    `8${hash.slice(17, 20)}`,
    hash.slice(20, 32),
  ].join("-");
}

/** A text of the same length as a random one, in lower-case letters and digits. */
const stableText = (seed: string, { length }: string): string =>
  createHash("sha256")
    .update(seed)
    .digest("hex")
    .repeat(Math.ceil(length / 64))
    .slice(0, length);
