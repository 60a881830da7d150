import { randomUUID } from "node:crypto";
import type { AzureEnvironment } from "../core/azure-environment.ts";
import { grantRole } from "../services/authorization/grant-role.ts";
import type { Principal } from "./directory.ts";

export type Person = Principal & { appId: string };

/** Who can sign in to the sandbox: the one who deploys, and one who runs the fleet. */
export interface TestPrincipals {
  /** Owner of the subscription: runs `pulumi up`. An Owner has no right to data in hubs, tables or blobs. */
  deployer: Person;
  /** Holds no role of its own: what it may do comes from the groups it is made a member of. */
  operator: Person;
}

/** The sandbox's people, made on first use. */
export function addTestPrincipals(azure: AzureEnvironment): TestPrincipals {
  azure.store.db.exec("CREATE TABLE IF NOT EXISTS cloud_people (name TEXT PRIMARY KEY, object_id TEXT)");
  const people = { deployer: person(azure, "deployer"), operator: person(azure, "operator") };
  const assignments = azure.resources.list("Microsoft.Authorization/roleAssignments");
  if (!assignments.some(({ properties }) => properties.principalId === people.deployer.objectId)) {
    grantRole(azure, people.deployer.objectId, "Owner");
  }
  return people;
}

function person(azure: AzureEnvironment, name: string): Person {
  const row = azure.store.db.prepare("SELECT object_id FROM cloud_people WHERE name = ?").get(name);
  const known = row && azure.directory.get(row.object_id as string);
  if (known?.appId) return { ...known, appId: known.appId };
  const made = {
    objectId: randomUUID(),
    kind: "ServicePrincipal" as const,
    displayName: name,
    appId: randomUUID(),
  };
  azure.store.transaction(() => {
    azure.directory.put(made);
    azure.store.db.prepare("INSERT OR REPLACE INTO cloud_people VALUES (?, ?)").run(name, made.objectId);
  });
  return made;
}
