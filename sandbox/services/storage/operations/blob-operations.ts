import { invalidHeader, missingHeader, notInSandbox } from "../storage-error.ts";
import type { StorageRequest } from "../storage-request.ts";
import { isCopy } from "./copy-source.ts";
import type { Operation, RequiredRight } from "./operation.ts";

/** An entry of the table below. */
interface Entry {
  /** Azurite's name of the operation, or a function that derives it from the request. */
  name: string | ((request: StorageRequest) => string);
  /** One of these rights is enough. Relative to Microsoft.Storage/storageAccounts/blobServices/. */
  rights: string[];
  /** Default none. */
  effect?: Operation["effect"];
}

const readActions = ["containers/blobs/read"];
const writeActions = ["containers/blobs/write"];
const addActions = ["containers/blobs/write", "containers/blobs/add/action"];
const info = ["getInfo/action"];

/**
 * All supported blob operations, by method, resource, restype and comp. Other requests are rejected, because Azurite
 * runs a different operation when it does not know a parameter.
 */
export const blobOperations: Record<string, Entry> = {
  "GET /?comp=list": { name: "Service_ListContainersSegment", rights: ["containers/read"] },
  "GET /?comp=blobs": { name: "Service_FilterBlobs", rights: ["containers/blobs/filter/action"] },
  "GET /?restype=service&comp=properties": { name: "Service_GetProperties", rights: ["read"] },
  "PUT /?restype=service&comp=properties": { name: "Service_SetProperties", rights: ["write"] },
  "GET /?restype=service&comp=stats": { name: "Service_GetStatistics", rights: ["read"] },
  "GET /?restype=account&comp=properties": { name: "Service_GetAccountInfo", rights: info },
  "HEAD /?restype=account&comp=properties": { name: "Service_GetAccountInfoWithHead", rights: info },

  "PUT /container?restype=container": { name: "Container_Create", rights: ["containers/write"] },
  "GET /container?restype=container": { name: "Container_GetProperties", rights: ["containers/read"] },
  "HEAD /container?restype=container": {
    name: "Container_GetPropertiesWithHead",
    rights: ["containers/read"],
  },
  "DELETE /container?restype=container": {
    name: "Container_Delete",
    rights: ["containers/delete"],
    effect: "delete",
  },
  "PUT /container?restype=container&comp=metadata": {
    name: "Container_SetMetadata",
    rights: ["containers/write"],
  },
  "GET /container?restype=container&comp=acl": {
    name: "Container_GetAccessPolicy",
    rights: ["containers/getAcl/action"],
  },
  "PUT /container?restype=container&comp=acl": {
    name: "Container_SetAccessPolicy",
    rights: ["containers/setAcl/action"],
  },
  "PUT /container?restype=container&comp=lease": {
    name: (request) => `Container_${readLeaseAction(request)}Lease`,
    rights: ["containers/write"],
  },
  "GET /container?restype=container&comp=list": {
    name: ({ query }) => `Container_ListBlob${query.has("delimiter") ? "Hierarchy" : "Flat"}Segment`,
    rights: readActions,
  },
  "GET /container?restype=container&comp=blobs": {
    name: "Container_FilterBlobs",
    rights: ["containers/blobs/filter/action"],
  },
  "GET /container?restype=account&comp=properties": { name: "Container_GetAccountInfo", rights: info },
  "HEAD /container?restype=account&comp=properties": {
    name: "Container_GetAccountInfoWithHead",
    rights: info,
  },

  "GET /container/blob": { name: "Blob_Download", rights: readActions },
  "HEAD /container/blob": { name: "Blob_GetProperties", rights: readActions },
  "PUT /container/blob": {
    name: (request) => {
      if (isCopy(request)) return "Blob_StartCopyFromURL";
      return readChoice(request, "x-ms-blob-type", {
        blockblob: "BlockBlob_Upload",
        appendblob: "AppendBlob_Create",
        pageblob: "PageBlob_Create",
      });
    },
    rights: writeActions,
    effect: "change",
  },
  "DELETE /container/blob": {
    name: "Blob_Delete",
    rights: ["containers/blobs/delete"],
    effect: "delete",
  },
  "PUT /container/blob?comp=block": { name: "BlockBlob_StageBlock", rights: writeActions },
  "PUT /container/blob?comp=blocklist": {
    name: "BlockBlob_CommitBlockList",
    rights: writeActions,
    effect: "change",
  },
  "GET /container/blob?comp=blocklist": { name: "BlockBlob_GetBlockList", rights: readActions },
  "PUT /container/blob?comp=appendblock": {
    name: "AppendBlob_AppendBlock",
    rights: addActions,
    effect: "append",
  },
  "PUT /container/blob?comp=seal": { name: "AppendBlob_Seal", rights: writeActions, effect: "change" },
  "PUT /container/blob?comp=page": {
    name: (request) =>
      readChoice(request, "x-ms-page-write", {
        update: "PageBlob_UploadPages",
        clear: "PageBlob_ClearPages",
      }),
    rights: writeActions,
    effect: "change",
  },
  "GET /container/blob?comp=pagelist": { name: "PageBlob_GetPageRanges", rights: readActions },
  "PUT /container/blob?comp=metadata": { name: "Blob_SetMetadata", rights: writeActions, effect: "change" },
  "PUT /container/blob?comp=properties": {
    name: ({ headers }) => {
      if (headers["x-ms-blob-content-length"] !== undefined) return "PageBlob_Resize";
      if (headers["x-ms-sequence-number-action"] !== undefined) return "PageBlob_UpdateSequenceNumber";
      return "Blob_SetHTTPHeaders";
    },
    rights: writeActions,
    effect: "change",
  },
  "PUT /container/blob?comp=snapshot": {
    name: "Blob_CreateSnapshot",
    rights: writeActions,
    effect: "change",
  },
  "PUT /container/blob?comp=tier": { name: "Blob_SetTier", rights: writeActions },
  "PUT /container/blob?comp=lease": {
    name: (request) => `Blob_${readLeaseAction(request)}Lease`,
    rights: writeActions,
  },
  "GET /container/blob?comp=tags": { name: "Blob_GetTags", rights: ["containers/blobs/tags/read"] },
  "PUT /container/blob?comp=tags": {
    name: "Blob_SetTags",
    rights: ["containers/blobs/tags/write"],
    effect: "change",
  },
  "GET /container/blob?restype=account&comp=properties": { name: "Blob_GetAccountInfo", rights: info },
  "HEAD /container/blob?restype=account&comp=properties": {
    name: "Blob_GetAccountInfoWithHead",
    rights: info,
  },
};

/**
 * Determines the blob operation that a request performs.
 * @throws StorageError 501 for an operation that is not in the table, 400 when a required header is missing.
 */
export function resolveBlobOperation(request: StorageRequest): Operation {
  const { method, query, headers } = request;
  const [container, blob] = request.segments;
  const resource = container === undefined ? "/" : blob === undefined ? "/container" : "/container/blob";
  const parameters = ["restype", "comp"].filter((name) => query.has(name));
  const selector = parameters.map((name) => `${name}=${query.get(name)}`).join("&");
  const key = `${method} ${resource}${selector && `?${selector}`}`;
  const entry = Object.hasOwn(blobOperations, key) ? blobOperations[key] : undefined;
  if (!entry) throw notInSandbox(`${key} of blob storage`);
  const createsOnly = key === "PUT /container/blob" && headers["if-none-match"] === "*";
  const rights = createsOnly ? addActions : entry.rights;
  return {
    name: typeof entry.name === "string" ? entry.name : entry.name(request),
    alternatives: rights.map((right) => [requireRight(right, container)]),
    effect: entry.effect ?? "none",
  };
}

function requireRight(right: string, container: string | undefined): RequiredRight {
  const isAtAccount = container === undefined || right === info[0];
  return {
    action: `Microsoft.Storage/storageAccounts/blobServices/${right}`,
    kind: right.startsWith("containers/blobs/") ? "dataAction" : "action",
    scope: isAtAccount ? "" : `/blobServices/default/containers/${container}`,
  };
}

/** Infinite (-1), or 15 to 60 seconds. Source: "Lease Blob", "Lease Container", request headers. */
const leaseDurationPattern = /^(-1|1[5-9]|[2-5]\d|60)$/;
const guidPattern = /^[{(]?[\da-f]{8}-?([\da-f]{4}-?){3}[\da-f]{12}[)}]?$/i;

/**
 * Reads the action of a lease request. Azurite accepts a lease without a duration, and then fails at every request for
 * the blob or container.
 */
function readLeaseAction(request: StorageRequest): string {
  const { headers } = request;
  const action = readChoice(request, "x-ms-lease-action", {
    acquire: "Acquire",
    renew: "Renew",
    change: "Change",
    release: "Release",
    break: "Break",
  });
  if (action === "Acquire") {
    const duration = headers["x-ms-lease-duration"];
    if (duration === undefined) throw missingHeader("x-ms-lease-duration");
    if (!leaseDurationPattern.test(String(duration))) throw invalidHeader("x-ms-lease-duration");
  }
  const proposed = headers["x-ms-proposed-lease-id"];
  if (proposed !== undefined && !guidPattern.test(String(proposed)))
    throw invalidHeader("x-ms-proposed-lease-id");
  return action;
}

/** Maps the value of a header, in any case, to one of the choices. */
function readChoice(request: StorageRequest, header: string, choices: Record<string, string>): string {
  const value = request.headers[header];
  if (value === undefined) throw missingHeader(header);
  const found = Object.entries(choices).find(([choice]) => choice === String(value).toLowerCase());
  if (found) return found[1];
  throw invalidHeader(header);
}
