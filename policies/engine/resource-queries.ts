import type { Declared } from "./rule.ts";
import { types } from "./type-tokens.ts";
import { at, items, type Value } from "./value.ts";

/** The resources of a type. */
export const ofType = (resources: Declared[], type: string): Declared[] =>
  resources.filter((resource) => resource.type === type);

/** The stack itself, with which everything is wrong that is wrong with no single resource. */
export const stackOf = (resources: Declared[]): Declared | undefined => ofType(resources, types.stack)[0];

/** What belongs to a storage account: it is made with the account's name. */
export const inAccount = (resources: Declared[], account: Declared, type: string): Declared[] =>
  ofType(resources, type).filter((resource) => isIn(resource, account));

/** Whether it is made with the account's name; and has that name, and no other one, as far as both are known. */
function isIn(resource: Declared, account: Declared): boolean {
  const [said, name] = [resource, account].map(({ properties }) => at(properties, "accountName"));
  const differs = typeof said === "string" && typeof name === "string" && said !== name;
  return resource.madeFrom("accountName").includes(account.urn) && !differs;
}

/** The rules by which an account's blobs are deleted, as far as they are on. */
export const lifecycleRules = (resources: Declared[], account: Declared): Value[] =>
  inAccount(resources, account, types.lifecycle)
    .flatMap(({ properties }) => items(at(properties, "policy.rules")))
    .filter((rule) => at(rule, "enabled") !== false);

/** What a storage account is for; as a tag it is called `holds`. */
export const purposes = ["files", "audit", "flow-keys", "device-imports"] as const;
export type Purpose = (typeof purposes)[number];

/** What is declared in an account and cannot be anywhere else; undefined where nothing tells. */
export function evidenceOf(resources: Declared[], account: Declared): Purpose | undefined {
  if (inAccount(resources, account, types.table).length > 0) return "flow-keys";
  const containers = auditContainers(resources);
  return containers.some((each) => isIn(each, account)) ? "audit" : undefined;
}

/** What an account is for: by what is declared in it, else by its tag, else the files. */
export function purposeOf(resources: Declared[], account: Declared): Purpose {
  const tag = purposes.find((purpose) => purpose === at(account.properties, "tags.holds"));
  return evidenceOf(resources, account) ?? tag ?? "files";
}

/** The accounts that are for one of these. */
export const accountsFor = (resources: Declared[], ...wanted: Purpose[]): Declared[] =>
  ofType(resources, types.storageAccount).filter((account) => wanted.includes(purposeOf(resources, account)));

/** Containers to which records can be added and from which none can be taken: the audit log's. */
export function auditContainers(resources: Declared[]): Declared[] {
  const policies = ofType(resources, types.immutability);
  return ofType(resources, types.container).filter(({ urn }) =>
    policies.some((policy) => policy.madeFrom("containerName").includes(urn)),
  );
}
