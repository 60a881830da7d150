import type { Directory } from "../../entra-id/directory.ts";
import type { Resource, Resources } from "../../resource-manager/resources.ts";
import { builtInRoles, type RoleDefinition } from "./roles.ts";

/** Decides by the declared role assignments whether a caller may perform an action at a scope. */
export class AccessControl {
  private readonly resources: Resources;
  private readonly directory: Directory;

  constructor(resources: Resources, directory: Directory) {
    this.resources = resources;
    this.directory = directory;
  }

  /**
   * @param objectId The caller's object ID. The assignments of the caller's groups count too.
   * @param action For example Microsoft.Devices/IotHubs/devices/write.
   * @param scope The ID of the resource. Assignments at this ID or above it count.
   * @param kind "action" for the control plane, "dataAction" for the data in a resource.
   */
  allows(objectId: string, action: string, scope: string, kind: "action" | "dataAction"): boolean {
    const principals = new Set(this.directory.listWithGroups(objectId));
    return this.resources.list("Microsoft.Authorization/roleAssignments").some((assignment) => {
      if (!principals.has(assignment.properties.principalId as string)) return false;
      if (!contains(assignment.properties.scope as string, scope)) return false;
      const definition = this.definition(assignment.properties.roleDefinitionId as string);
      return definition !== undefined && grants(definition, action, kind);
    });
  }

  /** The built-in or custom role definition with a resource ID. */
  definition(roleDefinitionId: string): RoleDefinition | undefined {
    const guid = roleDefinitionId.split("/").pop()?.toLowerCase();
    const builtIn = builtInRoles.find((candidate) => candidate.guid === guid);
    if (builtIn) return builtIn;
    const custom = this.resources
      .list("Microsoft.Authorization/roleDefinitions")
      .find((resource) => resource.name.toLowerCase() === guid);
    return custom && fromResource(custom);
  }
}

function fromResource(resource: Resource): RoleDefinition {
  const permissions = (resource.properties.permissions ?? []) as Partial<RoleDefinition>[];
  return {
    guid: resource.name,
    name: resource.properties.roleName as string,
    actions: permissions.flatMap((permission) => permission.actions ?? []),
    notActions: permissions.flatMap((permission) => permission.notActions ?? []),
    dataActions: permissions.flatMap((permission) => permission.dataActions ?? []),
    notDataActions: permissions.flatMap((permission) => permission.notDataActions ?? []),
    assignableScopes: resource.properties.assignableScopes as string[],
  };
}

function grants(definition: RoleDefinition, action: string, kind: "action" | "dataAction"): boolean {
  const granted = kind === "action" ? definition.actions : (definition.dataActions ?? []);
  const excluded = (kind === "action" ? definition.notActions : definition.notDataActions) ?? [];
  return (
    granted.some((pattern) => matches(pattern, action)) &&
    !excluded.some((pattern) => matches(pattern, action))
  );
}

/** Whether an action of a role, which can have asterisks, includes an operation. */
export function matches(pattern: string, action: string): boolean {
  const expression = pattern.toLowerCase().split("*").map(RegExp.escape).join(".*");
  return new RegExp(`^${expression}$`).test(action.toLowerCase());
}

/** Whether the resource ID `inner` is `scope` or below it. */
export function contains(scope: string, inner: string): boolean {
  const outer = scope.toLowerCase().replace(/\/$/, "");
  const target = inner.toLowerCase();
  return outer === "" || target === outer || target.startsWith(`${outer}/`);
}
