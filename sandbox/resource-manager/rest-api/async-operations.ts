import { randomUUID } from "node:crypto";
import type { AzureEnvironment } from "../../core/azure-environment.ts";
import { ArmError } from "../arm-error.ts";
import type { RestRules } from "./rest-rules.ts";
import type { ManagementApp, ManagementContext } from "./routes.ts";

/** An operation that a request started. It is complete when it is first asked about. */
interface Operation {
  /** Object ID of the caller that started it. */
  callerId: string;
  /** The result: what a GET of the resource answers; undefined after a deletion. */
  result: (() => unknown) | undefined;
}

/** Seconds that a client waits before it asks. Azure's services say 5 to 17. */
const retryAfterSeconds = "1";
/** Maximum number of operations that are kept. Azure keeps them for a day. */
const maxOperations = 1000;

/**
 * The asynchronous operations of Resource Manager. Source: "Track asynchronous Azure operations"
 * (azure-resource-manager/management/async-operations); the URLs' forms are those in the recordings of azure-cli.
 */
export class AsyncOperations {
  private readonly azure: AzureEnvironment;
  private readonly operations = new Map<string, Operation>();

  constructor(azure: AzureEnvironment) {
    this.azure = azure;
  }

  /**
   * Adds the headers by which a client follows an operation to the answer of the request that started it.
   * @param id Resource ID.
   * @param result Reads the resource that the operation created or changed; undefined for a deletion.
   */
  start(
    context: ManagementContext,
    form: NonNullable<RestRules["operation"]>,
    id: string,
    location: string | undefined,
    result: Operation["result"],
  ): void {
    const operation = randomUUID();
    this.operations.set(operation, { callerId: context.get("objectId"), result });
    const [oldest] = this.operations.keys();
    if (oldest !== undefined && this.operations.size > maxOperations) this.operations.delete(oldest);
    const host = `https://management.azure.com`;
    const scope = `/subscriptions/${this.azure.subscriptionId}`;
    const version = `api-version=${context.req.query("api-version")}`;
    context.header("Retry-After", retryAfterSeconds);
    if (form === "group") {
      context.header("Location", `${host}${scope}/operationresults/${operation}?${version}`);
    } else if (form === "storage") {
      const path = `${scope}/providers/Microsoft.Storage/locations/${location}/asyncoperations/${operation}`;
      context.header("Location", `${host}${path}?monitor=true&${version}`);
    } else {
      const url = `${host}${id}/operationresults/${operation}?${version}`;
      context.header("Location", url);
      context.header("Azure-AsyncOperation", `${url}&asyncinfo`);
    }
  }

  /** Adds the routes by which a client follows an operation. */
  addRoutes(app: ManagementApp): void {
    const subscription = "/subscriptions/:s";
    const inGroup = `${subscription}/resourcegroups/:g/providers`;
    for (const path of [
      `${subscription}/operationresults/:operation`,
      `${subscription}/providers/microsoft.storage/locations/:l/asyncoperations/:operation`,
      `${inGroup}/microsoft.devices/iothubs/:n/operationresults/:operation`,
      `${inGroup}/microsoft.apimanagement/service/:n/operationresults/:operation`,
    ]) {
      app.get(path, async (context, next) => {
        const operation = this.operations.get(context.req.param("operation") ?? "");
        // The results of what-if have the same path as those of resource groups.
        if (!operation && path === `${subscription}/operationresults/:operation`) return next();
        // Only its caller knows the ID; another one gets the answer of an unknown ID.
        if (!operation || operation.callerId !== context.get("objectId")) {
          throw new ArmError(404, "OperationNotFound", "The operation does not exist or has expired.");
        }
        if (context.req.query("asyncinfo") !== undefined) {
          return context.json({ status: "Succeeded", name: context.req.param("operation") });
        }
        if (operation.result) return context.json(operation.result() as object);
        return context.body(null, 200);
      });
    }
  }
}
