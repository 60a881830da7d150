import { getRequestListener } from "@hono/node-server";
import { Hono } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { AzureEnvironment } from "../../core/azure-environment.ts";
import { listRoutes } from "../../core/list-routes.ts";
import { TokenError } from "../../entra-id/tokens.ts";
import type { ServiceEndpoint } from "../../proxy/service-endpoint.ts";
import { durationMs } from "../../resource-manager/duration.ts";
import { type Lines, parseQuery, type Query } from "./kusto/query.ts";
import { KustoError } from "./kusto/tokens.ts";
import { MonitorData } from "./monitor-data.ts";

const hosts = ["api.loganalytics.azure.com", "api.loganalytics.io"];
const audiences = hosts.map((host) => `https://${host}`);
const workspaceType = "Microsoft.OperationalInsights/workspaces";

class QueryError extends Error {
  readonly status: number;
  readonly body: object;

  constructor(status: number, code: string, message: string, inner?: object) {
    super(message);
    this.status = status;
    this.body = { error: { message, code, ...(inner ? { innererror: inner } : {}) } };
  }
}

/**
 * The Log Analytics query API for one resource: /v1/RESOURCE-ID/query. A caller needs the right to read the table's logs of
 * the resource, which a Reader of the resource has. Only workspaces answer that allow access by the rights on resources, or
 * that the caller may query. Source: azure-monitor/logs/api/azure-resource-queries, azure-monitor/logs/manage-access.
 */
export function createLogQueryEndpoint(azure: AzureEnvironment): ServiceEndpoint {
  const data = new MonitorData(azure);
  const app = new Hono();
  app.post("/v1/:resource{.+}/query", async (context) => {
    const { objectId } = await azure.tokens.verify(context.req.header("Authorization"), audiences);
    const resourceId = `/${context.req.param("resource")}`;
    const { query = "", timespan } = (await context.req.json()) as { query?: string; timespan?: string };
    const parsed = parse(query);
    checkAccess(azure, objectId, resourceId, parsed.table);
    const nowMs = azure.clock.now();
    const sinceMs = timespan === undefined ? 0 : nowMs - durationMs(timespan);
    const workspaces = readableWorkspaces(azure, objectId);
    const read = (since: number) =>
      workspaces.flatMap((workspace) =>
        data.readLog(parsed.table, { sinceMs: since, workspace, resourceId }),
      );
    // A table exists from its first line on.
    if (read(0).length === 0) throw unknownTable(parsed.table);
    return context.json({ tables: [toTable(parsed.run(read(sinceMs), nowMs))] });
  });
  app.onError((error, context) => {
    const failure = toQueryError(error);
    if (!failure) {
      azure.log(`Log Analytics ${context.req.path}: ${error.stack}`);
      return context.json(new QueryError(500, "InternalServerError", "The sandbox failed.").body, 500);
    }
    return context.json(failure.body, failure.status as ContentfulStatusCode);
  });
  const listener = getRequestListener(app.fetch, { overrideGlobalObjects: false });
  return {
    routes: listRoutes(app),
    serves: (host) => hosts.includes(host),
    request: (req, res) => void listener(req, res),
  };
}

function parse(query: string): Query {
  try {
    return parseQuery(query);
  } catch (error) {
    if (!(error instanceof KustoError)) throw error;
    throw new QueryError(400, "BadArgumentError", "The request had some invalid properties", {
      code: "SyntaxError",
      message: error.message,
    });
  }
}

function checkAccess(azure: AzureEnvironment, objectId: string, resourceId: string, table: string): void {
  if (!azure.resources.get(resourceId)) {
    throw new QueryError(404, "ResourceNotFoundError", `The resource ${resourceId} was not found`);
  }
  if (azure.access.allows(objectId, `Microsoft.Insights/logs/${table}/read`, resourceId, "action")) return;
  throw new QueryError(
    403,
    "InsufficientAccessError",
    "The provided credentials have insufficient access to perform the requested operation",
    {
      code: "AuthorizationFailedError",
      message: `User '${objectId}' does not have access to read logs for this resource`,
    },
  );
}

/** The customerIds of the workspaces that answer the caller. */
function readableWorkspaces(azure: AzureEnvironment, objectId: string): string[] {
  return azure.resources
    .list(workspaceType)
    .filter(({ id, properties }) => {
      const { enableLogAccessUsingOnlyResourcePermissions } = (properties.features ?? {}) as Record<
        string,
        unknown
      >;
      return (
        enableLogAccessUsingOnlyResourcePermissions === true ||
        azure.access.allows(objectId, `${workspaceType}/query/read`, id, "action")
      );
    })
    .map(({ properties }) => String(properties.customerId));
}

function unknownTable(table: string): QueryError {
  return new QueryError(400, "BadArgumentError", "The request had some invalid properties", {
    code: "SemanticError",
    message: "A semantic error occurred.",
    innererror: {
      code: "SEM0100",
      message: `Failed to resolve table or column expression named '${table}'`,
    },
  });
}

function toQueryError(error: Error): QueryError | undefined {
  if (error instanceof QueryError) return error;
  if (error instanceof TokenError) {
    return new QueryError(
      401,
      "InvalidTokenError",
      "The provided authentication is not valid for this resource",
    );
  }
  if (error instanceof SyntaxError) return new QueryError(400, "BadArgumentError", "The body is not JSON");
  return undefined;
}

function toTable(lines: Lines) {
  const names = [...new Set(lines.flatMap((line) => Object.keys(line)))];
  return {
    name: "PrimaryResult",
    columns: names.map((name) => ({
      name,
      type: lines.every((line) => typeof line[name] === "number") ? "long" : "string",
    })),
    rows: lines.map((line) => names.map((name) => line[name] ?? null)),
  };
}
