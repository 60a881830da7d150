import { invalidUri, notInSandbox } from "../storage-error.ts";
import type { StorageRequest } from "../storage-request.ts";
import type { Operation, RequiredRight } from "./operation.ts";

/** Source: "Understanding the Table service data model", rules for table names. */
const namePattern = "(?<table>[A-Za-z][A-Za-z0-9]{2,62})";
const keyPattern = "'(?:[^']|'')*'";
const resourcePatterns: [string, RegExp][] = [
  ["/", /^$/],
  ["/$batch", /^\$batch$/],
  ["/Tables", /^Tables(\(\))?$/],
  ["/Tables('table')", new RegExp(`^Tables\\('${namePattern}'\\)$`)],
  ["/table", new RegExp(`^${namePattern}$`)],
  ["/table()", new RegExp(`^${namePattern}\\(\\)$`)],
  ["/table(keys)", new RegExp(`^${namePattern}\\(PartitionKey=${keyPattern}, *RowKey=${keyPattern}\\)$`)],
];

/** All supported table operations, by method, resource, restype and comp, with Azurite's name and the required rights. */
export const tableOperations: Record<string, { name: string; rights: string[][] }> = {
  "GET /?restype=service&comp=properties": { name: "Service_GetProperties", rights: [["read"]] },
  "PUT /?restype=service&comp=properties": { name: "Service_SetProperties", rights: [["write"]] },
  "GET /?restype=service&comp=stats": { name: "Service_GetStatistics", rights: [["read"]] },
  "GET /Tables": { name: "Table_Query", rights: [["tables/read"]] },
  "POST /Tables": { name: "Table_Create", rights: [["tables/write"]] },
  "DELETE /Tables('table')": { name: "Table_Delete", rights: [["tables/delete"]] },
  "GET /table?comp=acl": { name: "Table_GetAccessPolicy", rights: [["tables/getAcl/action"]] },
  "PUT /table?comp=acl": { name: "Table_SetAccessPolicy", rights: [["tables/setAcl/action"]] },
  "GET /table": { name: "Table_QueryEntities", rights: [["tables/entities/read"]] },
  "GET /table()": { name: "Table_QueryEntities", rights: [["tables/entities/read"]] },
  "GET /table(keys)": {
    name: "Table_QueryEntitiesWithPartitionAndRowKey",
    rights: [["tables/entities/read"]],
  },
  "POST /table": {
    name: "Table_InsertEntity",
    rights: [["tables/entities/write"], ["tables/entities/add/action"]],
  },
  "PUT /table(keys)": { name: "Table_UpdateEntity", rights: [] },
  "PATCH /table(keys)": { name: "Table_MergeEntity", rights: [] },
  "DELETE /table(keys)": { name: "Table_DeleteEntity", rights: [["tables/entities/delete"]] },
  // The changes in the transaction determine the rights.
  "POST /$batch": { name: "Table_Batch", rights: [] },
};

/**
 * Determines the table operation that a request performs.
 * @throws StorageError 501 for an operation that is not in the table, 400 for an address that names no resource.
 */
export function resolveTableOperation(request: StorageRequest): Operation {
  const { headers, query } = request;
  const [address = "", more] = request.segments;
  const matches = resourcePatterns.map(([resource, pattern]) => ({ resource, match: pattern.exec(address) }));
  const matched = matches.find(({ match }) => match);
  // A key cannot contain a slash, and Azurite would ignore the text after it.
  if (!matched || more !== undefined) throw invalidUri();
  const method = readMethod(request);
  const parameters = ["restype", "comp"].filter((name) => query.has(name));
  const selector = parameters.map((name) => `${name}=${query.get(name)}`).join("&");
  const key = `${method} ${matched.resource}${selector && `?${selector}`}`;
  const entry = Object.hasOwn(tableOperations, key) ? tableOperations[key] : undefined;
  if (!entry) throw notInSandbox(`${key} of table storage`);
  const isWrite = entry.name === "Table_UpdateEntity" || entry.name === "Table_MergeEntity";
  const rights = isWrite ? writeRights(headers["if-match"] !== undefined) : entry.rights;
  const table = matched.match?.groups?.table;
  return {
    name: entry.name,
    alternatives: rights.map((all) => all.map((right) => requireRight(right, table))),
    effect: "none",
  };
}

/** The method. POST may contain another one in OData's header; Azurite handles only these two correctly. */
function readMethod({ method, headers }: StorageRequest): string {
  const tunnelled = headers["x-http-method"];
  if (tunnelled === undefined) return method;
  if (tunnelled === "DELETE" || tunnelled === "PATCH") return tunnelled;
  throw notInSandbox(`X-HTTP-Method: ${tunnelled}`);
}

/** The rights of an update. Without If-Match it is an upsert, which can add a row. */
function writeRights(isConditional: boolean): string[][] {
  const update = "tables/entities/update/action";
  const others = isConditional ? [update] : [update, "tables/entities/add/action"];
  return [["tables/entities/write"], others];
}

function requireRight(right: string, table: string | undefined): RequiredRight {
  return {
    action: `Microsoft.Storage/storageAccounts/tableServices/${right}`,
    kind: right.startsWith("tables/entities/") ? "dataAction" : "action",
    scope: table === undefined ? "" : `/tableServices/default/tables/${table}`,
  };
}
