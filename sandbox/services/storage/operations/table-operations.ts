import { invalidUri, notInSandbox } from "../storage-error.ts";
import type { StorageRequest } from "../storage-request.ts";
import type { Need, Operation } from "./operations.ts";

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

/** Every table operation there is here, by method, place, restype and comp: Azurite's name and the rights. */
const tableOperations: Record<string, { name: string; rights: string[][] }> = {
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
  // Its parts say what it needs.
  "POST /$batch": { name: "Table_Batch", rights: [] },
};

/** @throws StorageError 501 for what is not in the table, 400 for an address of nothing. */
export function tableOperation(request: StorageRequest): Operation {
  const { headers, query } = request;
  const [address = "", more] = request.segments;
  const found = resourcePatterns.map(([place, pattern]) => ({ place, match: pattern.exec(address) }));
  const at = found.find(({ match }) => match);
  // No key holds a slash, and Azurite would leave out what follows it.
  if (!at || more !== undefined) throw invalidUri();
  const method = methodOf(request);
  const parameters = ["restype", "comp"].filter((name) => query.has(name));
  const asked = parameters.map((name) => `${name}=${query.get(name)}`).join("&");
  const key = `${method} ${at.place}${asked && `?${asked}`}`;
  const entry = Object.hasOwn(tableOperations, key) ? tableOperations[key] : undefined;
  if (!entry) throw notInSandbox(`${key} of table storage`);
  const isWrite = entry.name === "Table_UpdateEntity" || entry.name === "Table_MergeEntity";
  const rights = isWrite ? writeRights(headers["if-match"] !== undefined) : entry.rights;
  const table = at.match?.groups?.table;
  return {
    name: entry.name,
    needs: rights.map((all) => all.map((right) => need(right, table))),
    effect: "none",
  };
}

/** The method, which POST may carry in a header of OData's. Of those, Azurite does these two right. */
function methodOf({ method, headers }: StorageRequest): string {
  const tunnelled = headers["x-http-method"];
  if (tunnelled === undefined) return method;
  if (tunnelled === "DELETE" || tunnelled === "PATCH") return tunnelled;
  throw notInSandbox(`X-HTTP-Method: ${tunnelled}`);
}

/** Without If-Match it is an upsert, which may add. */
function writeRights(conditional: boolean): string[][] {
  const update = "tables/entities/update/action";
  const others = conditional ? [update] : [update, "tables/entities/add/action"];
  return [["tables/entities/write"], others];
}

function need(right: string, table: string | undefined): Need {
  return {
    action: `Microsoft.Storage/storageAccounts/tableServices/${right}`,
    kind: right.startsWith("tables/entities/") ? "dataAction" : "action",
    scope: table === undefined ? "" : `/tableServices/default/tables/${table}`,
  };
}
