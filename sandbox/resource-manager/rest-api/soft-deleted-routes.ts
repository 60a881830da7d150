import { notFound } from "../arm-error.ts";
import { resourceGroupId } from "../resource-ids.ts";
import type { Resource } from "../resources.ts";
import {
  deletedAccounts,
  deletedServices,
  deletedWorkspaces,
  findDeleted,
  listDeleted,
  type SoftDeletion,
} from "../soft-deleted.ts";
import { type ManagementApp, type ManagementContext, type ManagementParts, writtenPath } from "./routes.ts";

const subscription = "/subscriptions/:s";
const group = `${subscription}/resourcegroups/:g`;
const service = "providers/microsoft.apimanagement";
const logs = "providers/microsoft.operationalinsights";
const storage = "providers/microsoft.storage";

/** Adds the lists of soft-deleted resources, their reads and their purges. */
export function addSoftDeletedRoutes(app: ManagementApp, { azure }: ManagementParts): void {
  const list = (context: ManagementContext, kind: SoftDeletion, toEntry: (kept: Resource) => unknown) => {
    const path = writtenPath(context);
    const scope = resourceGroupId(path) ?? `/subscriptions/${azure.subscriptionId}`;
    context.get("manager").authorize(`${kind.type}/read`, scope);
    const within = `${scope.toLowerCase()}/`;
    const value = listDeleted(kind, azure).filter(({ id }) => id.toLowerCase().startsWith(within));
    return context.json({ value: value.map(toEntry) });
  };
  const read = (context: ManagementContext, action: string) => {
    const id = writtenPath(context);
    context.get("manager").authorize(action, id);
    const kept = findDeleted(id, azure);
    if (!kept) throw notFound(id);
    return context.json(withoutResource(kept));
  };

  app.get(`${subscription}/${service}/deletedservices`, (context) =>
    list(context, deletedServices, withoutResource),
  );
  app.get(`${subscription}/${service}/locations/:l/deletedservices/:n`, (context) =>
    read(context, "Microsoft.ApiManagement/deletedservices/read"),
  );
  // A purge makes the name of the deleted service available again.
  app.delete(`${subscription}/${service}/locations/:l/deletedservices/:n`, (context) => {
    const id = writtenPath(context);
    context.get("manager").authorize("Microsoft.ApiManagement/locations/deletedservices/delete", id);
    if (!findDeleted(id, azure)) throw notFound(id);
    azure.resources.delete(id);
    return context.body(null, 200);
  });

  // The entries are the workspaces as they were, with their own IDs.
  const asItWas = ({ softDeleted }: Resource) => softDeleted?.resource;
  app.get(`${subscription}/${logs}/deletedworkspaces`, (context) =>
    list(context, deletedWorkspaces, asItWas),
  );
  app.get(`${group}/${logs}/deletedworkspaces`, (context) => list(context, deletedWorkspaces, asItWas));
  // A deletion with the force flag keeps nothing of the workspace.
  app.delete(`${group}/${logs}/workspaces/:n`, async (context) => {
    const id = writtenPath(context);
    const existing = azure.resources.get(id);
    await context.get("manager").delete(id);
    if (existing && context.req.query("force") === "true")
      azure.resources.delete(deletedWorkspaces.id(existing, azure));
    return context.body(null, existing ? 200 : 204);
  });

  app.get(`${subscription}/${storage}/deletedaccounts`, (context) =>
    list(context, deletedAccounts, withoutResource),
  );
  app.get(`${subscription}/${storage}/locations/:l/deletedaccounts/:n`, (context) =>
    read(context, "Microsoft.Storage/locations/deletedAccounts/read"),
  );
}

function withoutResource({ softDeleted: _, ...kept }: Resource): Resource {
  return kept;
}
