import type { DeclaredResource } from "./rule.ts";
import { types } from "./type-tokens.ts";
import { listItems, type Value, valueAt } from "./value.ts";

/** The resources of a type. */
export const resourcesOfType = (resources: DeclaredResource[], type: string): DeclaredResource[] =>
  resources.filter((resource) => resource.type === type);

/** The Stack resource, to which problems belong that no single resource has. */
export const findStack = (resources: DeclaredResource[]): DeclaredResource | undefined =>
  resourcesOfType(resources, types.stack)[0];

/** Whether a property of a resource depends on one of these resources. */
export const dependsOn = (
  resource: DeclaredResource,
  property: string,
  candidates: DeclaredResource[],
): boolean => candidates.some(({ urn }) => resource.dependenciesOf(property).includes(urn));

/** The resources of a type that belong to a storage account. */
export const resourcesInAccount = (
  resources: DeclaredResource[],
  account: DeclaredResource,
  type: string,
): DeclaredResource[] =>
  resourcesOfType(resources, type).filter((resource) => belongsToAccount(resource, account));

/** Whether `accountName` is the account's name; where one of the two is not known, whether it depends on the account. */
export function belongsToAccount(resource: DeclaredResource, account: DeclaredResource): boolean {
  const [used, declared] = [resource, account].map(({ properties }) => valueAt(properties, "accountName"));
  const areKnown = typeof used === "string" && typeof declared === "string";
  return areKnown ? used === declared : dependsOn(resource, "accountName", [account]);
}

/** The enabled lifecycle rules of a storage account. */
export const enabledLifecycleRules = (resources: DeclaredResource[], account: DeclaredResource): Value[] =>
  resourcesInAccount(resources, account, types.lifecyclePolicy)
    .flatMap(({ properties }) => listItems(valueAt(properties, "policy.rules")))
    .filter((rule) => valueAt(rule, "enabled") !== false);

/** What a storage account holds. The account's tag `holds` has the same value. */
export const purposes = ["files", "audit", "flow-keys", "device-imports"] as const;
export type Purpose = (typeof purposes)[number];

/** The purpose that the resources in an account prove; undefined where they prove none. */
export function provenPurpose(resources: DeclaredResource[], account: DeclaredResource): Purpose | undefined {
  if (resourcesInAccount(resources, account, types.table).length > 0) return "flow-keys";
  return auditContainers(resources).some((container) => belongsToAccount(container, account))
    ? "audit"
    : undefined;
}

/** What an account holds: what its resources prove, else what its tag says, else files. */
export function purposeOf(resources: DeclaredResource[], account: DeclaredResource): Purpose {
  const tagged = purposes.find((purpose) => purpose === valueAt(account.properties, "tags.holds"));
  return provenPurpose(resources, account) ?? tagged ?? "files";
}

/** The storage accounts that hold one of these. */
export const accountsHolding = (resources: DeclaredResource[], ...wanted: Purpose[]): DeclaredResource[] =>
  resourcesOfType(resources, types.storageAccount).filter((account) =>
    wanted.includes(purposeOf(resources, account)),
  );

/** The containers that have an immutability policy. Only the audit log has one. */
export function auditContainers(resources: DeclaredResource[]): DeclaredResource[] {
  const policies = resourcesOfType(resources, types.immutabilityPolicy);
  return resourcesOfType(resources, types.blobContainer).filter((container) =>
    policies.some((policy) => isPolicyOf(policy, container)),
  );
}

/** Whether an immutability policy is that of a container: by their names, or by the dependency where one is not known. */
function isPolicyOf(policy: DeclaredResource, container: DeclaredResource): boolean {
  return (["accountName", "containerName"] as const).every((property) => {
    const [used, declared] = [policy, container].map(({ properties }) => valueAt(properties, property));
    const areKnown = typeof used === "string" && typeof declared === "string";
    return areKnown
      ? used === declared
      : property === "accountName" || dependsOn(policy, property, [container]);
  });
}
