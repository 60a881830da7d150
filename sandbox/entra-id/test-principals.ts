import { randomUUID } from "node:crypto";
import type { AzureEnvironment } from "../core/azure-environment.ts";
import { grantRole } from "../services/authorization/grant-role.ts";
import type { Principal } from "./directory.ts";

/** A service principal that a person signs in with. */
export type TestPrincipal = Principal & { appId: string };

/** The application permissions for Microsoft Graph that a deployer needs, which the sandbox's deployer has at first. */
const deployerAppRoles = ["Application.ReadWrite.All", "Group.ReadWrite.All"];

/** The two principals that can sign in to the sandbox. */
export interface TestPrincipals {
  /** Owner of the subscription, for `pulumi up`. An Owner has no access to the data in IoT hubs, tables and blobs. */
  deployer: TestPrincipal;
  /** Has no role assignment of its own. It has the roles of the groups of which it is a member. */
  operator: TestPrincipal;
}

/** Reads the two principals from the store, or creates them. */
export function addTestPrincipals(azure: AzureEnvironment): TestPrincipals {
  azure.store.db.exec("CREATE TABLE IF NOT EXISTS cloud_people (name TEXT PRIMARY KEY, object_id TEXT)");
  const principals = {
    deployer: readOrCreate(azure, "deployer"),
    operator: readOrCreate(azure, "operator"),
  };
  const assignments = azure.resources.list("Microsoft.Authorization/roleAssignments");
  if (!assignments.some(({ properties }) => properties.principalId === principals.deployer.objectId)) {
    grantRole(azure, principals.deployer.objectId, "Owner");
    azure.directory.setAppRoles(principals.deployer.objectId, deployerAppRoles);
  }
  return principals;
}

function readOrCreate(azure: AzureEnvironment, name: string): TestPrincipal {
  const row = azure.store.db.prepare("SELECT object_id FROM cloud_people WHERE name = ?").get(name);
  const known = row && azure.directory.get(row.object_id as string);
  if (known?.appId) return { ...known, appId: known.appId };
  const created = {
    objectId: randomUUID(),
    kind: "ServicePrincipal" as const,
    displayName: name,
    appId: randomUUID(),
  };
  azure.store.transaction(() => {
    azure.directory.put(created);
    azure.store.db.prepare("INSERT OR REPLACE INTO cloud_people VALUES (?, ?)").run(name, created.objectId);
  });
  return created;
}
