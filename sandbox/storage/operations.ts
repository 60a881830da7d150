import type { Service, StorageRequest } from "./requests.ts";
import { notInSandbox } from "./storage-error.ts";

/** A right that an operation needs at a scope. */
export interface Need {
  /** For example Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read. */
  action: string;
  /** Whether roles grant it under actions or dataActions. */
  kind: "action" | "dataAction";
  /** Below the account's resource ID: "" for the account, or /blobServices/default/containers/NAME. */
  scope: string;
}

const ACCOUNT = "Microsoft.Storage/storageAccounts";

/**
 * What a caller with an Entra ID token needs for a request: all needs of one of the alternatives. Where Azure wants
 * one right for a new blob and another for an existing one, the sandbox wants the one that covers both, unless the
 * request itself says that it is for a new one (If-None-Match: *).
 * Source: "Authorize with Microsoft Entra ID", permissions for blob and table service operations.
 */
export function needsOf(service: Service, request: StorageRequest): Need[][] {
  return service === "blob" ? blobNeeds(request) : tableNeeds(request);
}

/**
 * Refuses, for every kind of credential, what Azurite would do wrongly or not at all.
 * @throws StorageError 501
 */
export function refuseUnsupported(service: Service, request: StorageRequest): void {
  if (service !== "blob") return;
  const comp = request.query.get("comp");
  if (comp === "batch") throw notInSandbox("blob batches");
  if (comp === "userdelegationkey" || request.credential.kind === "userDelegationSas") {
    throw notInSandbox("user delegation keys");
  }
  // Azurite lets a signature for the destination read any source in the account.
  if (request.headers["x-ms-copy-source"] !== undefined) throw notInSandbox("copying from a URL");
}

const isReading = (request: StorageRequest) => request.method === "GET" || request.method === "HEAD";

function blobNeeds(request: StorageRequest): Need[][] {
  const [container, blob] = request.segments;
  if (container === undefined) return blobServiceNeeds(request);
  const scope = `/blobServices/default/containers/${container}`;
  if (blob === undefined && request.query.get("restype") === "container") {
    return containerNeeds(request, scope);
  }
  const reading = isReading(request);
  const comp = request.query.get("comp");
  const on = (right: string): Need => ({
    action: `${ACCOUNT}/blobServices/containers/blobs/${right}`,
    kind: "dataAction",
    scope,
  });
  if (comp === "tags") return [[on(reading ? "tags/read" : "tags/write")]];
  if (comp === "undelete") {
    return [[{ action: `${ACCOUNT}/blobServices/containers/write`, kind: "action", scope }]];
  }
  if (comp === "appendblock") return [[on("write")], [on("add/action")]];
  const onlyNew = request.method === "PUT" && comp === null && request.headers["if-none-match"] === "*";
  if (onlyNew) return [[on("write")], [on("add/action")]];
  if (request.method === "DELETE") return [[on("delete")]];
  return [[on(reading || comp === "query" ? "read" : "write")]];
}

function blobServiceNeeds(request: StorageRequest): Need[][] {
  const comp = request.query.get("comp");
  const on = (right: string, kind: Need["kind"] = "action"): Need[][] => [
    [{ action: `${ACCOUNT}/blobServices/${right}`, kind, scope: "" }],
  ];
  if (request.query.get("restype") === "account") return on("getInfo/action");
  if (comp === "list") return on("containers/read");
  if (comp === "blobs") return on("containers/blobs/filter/action", "dataAction");
  return on(isReading(request) ? "read" : "write");
}

function containerNeeds(request: StorageRequest, scope: string): Need[][] {
  const reading = isReading(request);
  const on = (right: string, kind: Need["kind"] = "action"): Need[][] => [
    [{ action: `${ACCOUNT}/blobServices/containers/${right}`, kind, scope }],
  ];
  switch (request.query.get("comp")) {
    case "acl":
      return on(reading ? "getAcl/action" : "setAcl/action");
    case "list":
      return on("blobs/read", "dataAction");
    case "blobs":
      return on("blobs/filter/action", "dataAction");
    default:
      return on(request.method === "DELETE" ? "delete" : reading ? "read" : "write");
  }
}

function tableNeeds(request: StorageRequest): Need[][] {
  const address = request.segments[0];
  const reading = isReading(request);
  const right = reading ? "read" : request.method === "DELETE" ? "delete" : "write";
  const on = (name: string, table?: string): Need => ({
    action: `${ACCOUNT}/tableServices/${name}`,
    kind: name.startsWith("tables/entities/") ? "dataAction" : "action",
    scope: table === undefined ? "" : `/tableServices/default/tables/${table}`,
  });
  if (address === undefined) return [[on(right)]];
  const listed = /^Tables(\('(?<table>.+)'\)|\(\))?$/.exec(address);
  if (listed) return [[on(`tables/${right}`, reading ? undefined : listed.groups?.table)]];
  const table = address.replace(/\(.*$/, "");
  if (request.query.get("comp") === "acl") {
    return [[on(`tables/${reading ? "getAcl" : "setAcl"}/action`, table)]];
  }
  const write = on(`tables/entities/${right}`, table);
  if (right !== "write") return [[write]];
  const add = on("tables/entities/add/action", table);
  const update = on("tables/entities/update/action", table);
  if (request.method === "POST" && request.headers["x-http-method"] === undefined) return [[write], [add]];
  // Without If-Match it is an upsert, which may add.
  return request.headers["if-match"] === undefined ? [[write], [add, update]] : [[write], [update]];
}
