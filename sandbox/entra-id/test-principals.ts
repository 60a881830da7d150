import { randomUUID } from "node:crypto";
import type { Cloud } from "../core/azure-environment.ts";
import { grantRole } from "../services/authorization/grant-role.ts";
import type { Principal } from "./directory.ts";

export type Person = Principal & { appId: string };

/** Who can sign in to the sandbox: the one who deploys, and one who runs the fleet. */
export interface People {
  /** Owner of the subscription: runs `pulumi up`. An Owner has no right to data in hubs, tables or blobs. */
  deployer: Person;
  /** Holds no role of its own: what it may do comes from the groups it is made a member of. */
  operator: Person;
}

/** The sandbox's people, made on first use. */
export function addPeople(cloud: Cloud): People {
  cloud.store.db.exec("CREATE TABLE IF NOT EXISTS cloud_people (name TEXT PRIMARY KEY, object_id TEXT)");
  const people = { deployer: person(cloud, "deployer"), operator: person(cloud, "operator") };
  const assignments = cloud.resources.list("Microsoft.Authorization/roleAssignments");
  if (!assignments.some(({ properties }) => properties.principalId === people.deployer.objectId)) {
    grantRole(cloud, people.deployer.objectId, "Owner");
  }
  return people;
}

function person(cloud: Cloud, name: string): Person {
  const row = cloud.store.db.prepare("SELECT object_id FROM cloud_people WHERE name = ?").get(name);
  const known = row && cloud.directory.get(row.object_id as string);
  if (known?.appId) return { ...known, appId: known.appId };
  const made = {
    objectId: randomUUID(),
    kind: "ServicePrincipal" as const,
    displayName: name,
    appId: randomUUID(),
  };
  cloud.store.transaction(() => {
    cloud.directory.put(made);
    cloud.store.db.prepare("INSERT OR REPLACE INTO cloud_people VALUES (?, ?)").run(name, made.objectId);
  });
  return made;
}
