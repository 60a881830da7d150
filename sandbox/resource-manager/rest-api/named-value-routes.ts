import { namedValue } from "../../services/api-management/resource-types/api-backend.ts";
import { etag } from "../etag.ts";
import { idBeforeAction, type ManagementApp } from "./routes.ts";

/**
 * Adds the read of a named value's secret, which a GET omits. Source: REST reference, "Named Value - List Value": 200 with
 * the value and an ETag.
 */
export function addNamedValueRoutes(app: ManagementApp): void {
  const service = "/subscriptions/:s/resourcegroups/:g/providers/microsoft.apimanagement/service/:n";
  app.post(`${service}/namedvalues/:v/listvalue`, (context) => {
    const id = idBeforeAction(context);
    const manager = context.get("manager");
    manager.authorize(`${namedValue.type}/listValue/action`, id);
    const resource = manager.stored(id);
    context.header("ETag", etag(resource));
    return context.json({ value: resource.properties.value });
  });
}
