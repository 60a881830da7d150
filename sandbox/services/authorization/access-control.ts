import type { Directory } from "../../entra-id/directory.ts";
import type { Resource, Resources } from "../../resource-manager/resources.ts";
import { builtInRoles, type RoleDefinition } from "./roles.ts";

const assignmentType = "Microsoft.Authorization/roleAssignments";
const definitionType = "Microsoft.Authorization/roleDefinitions";

/** Whether an operation belongs to the control plane or to the data in a resource. */
export type ActionKind = "action" | "dataAction";

interface Assignment {
  principalId: string;
  scope: string;
  definition: RoleDefinition;
}

/** Decides by the declared role assignments whether a caller may perform an action at a scope. */
export class AccessControl {
  private readonly resources: Resources;
  private readonly directory: Directory;
  /** All role assignments. Every request of every service needs them, so they are read once after each change. */
  private assignments: Assignment[] | undefined;

  constructor(resources: Resources, directory: Directory) {
    this.resources = resources;
    this.directory = directory;
    const roleTypes = [assignmentType, definitionType].map((type) => type.toLowerCase());
    const invalidate = ({ type }: Resource) => {
      if (roleTypes.includes(type.toLowerCase())) this.assignments = undefined;
    };
    resources.on("put", invalidate);
    resources.on("delete", invalidate);
  }

  /**
   * @param objectId The caller's object ID. The assignments of the caller's groups count too.
   * @param action For example Microsoft.Devices/IotHubs/devices/write.
   * @param scope The ID of the resource. Assignments at this ID or above it count.
   */
  allows(objectId: string, action: string, scope: string, kind: ActionKind): boolean {
    return this.definitionsAt(objectId, scope).some((definition) => grants(definition, action, kind));
  }

  /** The definitions of the roles that the caller and the caller's groups have at a scope. */
  definitionsAt(objectId: string, scope: string): RoleDefinition[] {
    const principals = new Set(this.directory.listWithGroups(objectId));
    this.assignments ??= this.readAssignments();
    return this.assignments
      .filter((assignment) => principals.has(assignment.principalId) && contains(assignment.scope, scope))
      .map(({ definition }) => definition);
  }

  /** The built-in or custom role definition with a resource ID. */
  definition(roleDefinitionId: string): RoleDefinition | undefined {
    const guid = roleDefinitionId.split("/").pop()?.toLowerCase();
    const builtIn = builtInRoles.find((candidate) => candidate.guid === guid);
    if (builtIn) return builtIn;
    const custom = this.resources
      .list(definitionType)
      .find((resource) => resource.name.toLowerCase() === guid);
    return custom && fromResource(custom);
  }

  private readAssignments(): Assignment[] {
    return this.resources.list(assignmentType).flatMap(({ properties }) => {
      const { principalId, scope, roleDefinitionId } = properties as Record<string, string>;
      const definition = this.definition(roleDefinitionId as string);
      return definition ? [{ principalId: principalId as string, scope: scope as string, definition }] : [];
    });
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

function grants(definition: RoleDefinition, action: string, kind: ActionKind): boolean {
  const granted = kind === "action" ? definition.actions : (definition.dataActions ?? []);
  const excluded = (kind === "action" ? definition.notActions : definition.notDataActions) ?? [];
  return (
    granted.some((pattern) => matches(pattern, action)) &&
    !excluded.some((pattern) => matches(pattern, action))
  );
}

/** Expressions of roles' actions, compiled once. */
const expressions = new Map<string, RegExp>();

/** Whether an action of a role, which can have asterisks, includes an operation. */
export function matches(pattern: string, action: string): boolean {
  let expression = expressions.get(pattern);
  if (!expression) {
    expression = new RegExp(`^${pattern.split("*").map(RegExp.escape).join(".*")}$`, "i");
    expressions.set(pattern, expression);
  }
  return expression.test(action);
}

/** Whether the resource ID `inner` is `scope` or below it. */
export function contains(scope: string, inner: string): boolean {
  const outer = scope.toLowerCase().replace(/\/$/, "");
  const target = inner.toLowerCase();
  return outer === "" || target === outer || target.startsWith(`${outer}/`);
}
