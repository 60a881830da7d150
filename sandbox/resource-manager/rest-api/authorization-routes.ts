import { builtInRoles, type RoleDefinition } from "../../services/authorization/roles.ts";
import { ArmError, NotInSandboxError } from "../arm-error.ts";
import type { Resource } from "../resources.ts";
import { type ManagementApp, type ManagementParts, writtenPath } from "./routes.ts";

const assignments = "Microsoft.Authorization/roleAssignments";
const definitions = "Microsoft.Authorization/roleDefinitions";

/** Adds lists of role assignments and definitions at any scope. A single role assignment is read like any resource. */
export function addAuthorizationRoutes(app: ManagementApp, { azure }: ManagementParts): void {
  const scopeOf = (path: string) =>
    path.slice(0, path.toLowerCase().lastIndexOf("/providers/microsoft.authorization"));

  app.get("/:scope{.*}/providers/microsoft.authorization/roleassignments", (context) => {
    const scope = scopeOf(writtenPath(context));
    context.get("manager").authorize(`${assignments}/read`, scope);
    const { atScope, principals } = parseFilter(context.req.query("$filter"), (id) =>
      azure.directory.listWithGroups(id),
    );
    const within = scope.toLowerCase();
    const value = azure.resources.list(assignments).filter(({ properties }) => {
      const at = (properties.scope as string).toLowerCase();
      const above = within === at || within.startsWith(`${at}/`);
      const below = at.startsWith(`${within}/`);
      return (
        (above || (below && !atScope)) &&
        (!principals || principals.includes(properties.principalId as string))
      );
    });
    return context.json({ value });
  });

  app.get("/:scope{.*}/providers/microsoft.authorization/roledefinitions", (context) => {
    const scope = scopeOf(writtenPath(context));
    context.get("manager").authorize(`${definitions}/read`, scope);
    const filter = context.req.query("$filter");
    const name = filter === undefined ? undefined : /^roleName eq '([^']*)'$/i.exec(filter)?.[1];
    if (filter !== undefined && name === undefined) throw new NotInSandboxError(`the filter ${filter}`);
    const all = [
      ...builtInRoles.map((role) => toResource(role, azure.subscriptionId)),
      ...azure.resources.list(definitions),
    ];
    return context.json({
      value: all.filter(({ properties }) => name === undefined || properties.roleName === name),
    });
  });

  app.get("/:scope{.*}/providers/microsoft.authorization/roledefinitions/:guid", (context) => {
    const path = writtenPath(context);
    context.get("manager").authorize(`${definitions}/read`, path);
    const guid = context.req.param("guid");
    const custom = azure.resources.list(definitions).find(({ name }) => name.toLowerCase() === guid);
    const builtIn = builtInRoles.find((role) => role.guid === guid);
    if (custom) return context.json(custom);
    if (builtIn) return context.json(toResource(builtIn, azure.subscriptionId));
    throw new ArmError(
      404,
      "RoleDefinitionDoesNotExist",
      `The specified role definition with ID '${guid}' does not exist.`,
    );
  });
}

/** A built-in role as Resource Manager returns it. */
function toResource(role: RoleDefinition, subscriptionId: string): Resource {
  return {
    id: `/subscriptions/${subscriptionId}/providers/${definitions}/${role.guid}`,
    type: definitions,
    name: role.guid,
    properties: {
      roleName: role.name,
      type: "BuiltInRole",
      assignableScopes: ["/"],
      permissions: [
        {
          actions: role.actions,
          notActions: role.notActions ?? [],
          dataActions: role.dataActions ?? [],
          notDataActions: [],
        },
      ],
    },
  };
}

/**
 * Parses a filter of role assignments: atScope(), principalId eq '…' and assignedTo('…'), alone or joined by "and".
 * Source: "List Azure role assignments using the REST API".
 */
function parseFilter(
  filter: string | undefined,
  groupsOf: (objectId: string) => string[],
): { atScope: boolean; principals: string[] | undefined } {
  let atScope = false;
  let principals: string[] | undefined;
  for (const part of filter?.split(/\s+and\s+/i) ?? []) {
    const direct = /^principalId eq '([^']*)'$/i.exec(part)?.[1];
    const assigned = /^assignedTo\('([^']*)'\)$/i.exec(part)?.[1];
    if (/^atScope\(\)$/i.test(part)) atScope = true;
    else if (direct !== undefined) principals = [direct];
    else if (assigned !== undefined) principals = groupsOf(assigned);
    else throw new NotInSandboxError(`the filter ${part}`);
  }
  return { atScope, principals };
}
