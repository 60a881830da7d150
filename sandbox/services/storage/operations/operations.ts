import { notInSandbox } from "../storage-error.ts";
import type { Service, StorageRequest } from "../storage-request.ts";
import { checkHeaders, refuseIgnored } from "../unsupported-options.ts";
import { blobOperation } from "./blob-operations.ts";
import { tableOperation } from "./table-operations.ts";

/** A right that an operation needs at a scope. */
export interface Need {
  /** For example Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read. */
  action: string;
  /** Whether roles grant it under actions or dataActions. */
  kind: "action" | "dataAction";
  /** Below the account's resource ID: "" for the account, or /blobServices/default/containers/NAME. */
  scope: string;
}

/** What a request asks for. It is decided once: rights, immutability and Azurite all go by it. */
export interface Operation {
  /** Azurite's name for it, for example BlockBlob_Upload. Azurite is held to it. */
  name: string;
  /**
   * What a caller with an Entra ID token needs: all needs of one of the alternatives. Where Azure wants one right
   * for a new blob and another for an existing one, the sandbox wants the one that covers both, unless the request
   * itself says that it is for a new one (If-None-Match: *).
   * Source: "Authorize with Microsoft Entra ID", permissions for blob and table service operations.
   */
  needs: Need[][];
  /** What it does to a blob, or to a container with all in it, as far as immutability goes. */
  effect: "none" | "append" | "change" | "delete";
}

/**
 * The operation that a request asks for; undefined for a CORS preflight, which has none.
 * @throws StorageError 501 for what Azurite would do wrongly or not at all, whatever the credential; 400 for a
 *   request that says no operation.
 */
export function operationOf(service: Service, request: StorageRequest): Operation | undefined {
  // Azurite would go by it for blobs too, and with any method.
  const tunnelled = request.headers["x-http-method"] !== undefined;
  if (tunnelled && (service === "blob" || request.method !== "POST")) {
    throw notInSandbox(`X-HTTP-Method with ${request.method} of ${service} storage`);
  }
  if (service === "blob") refuseUnsupportedBlobs(request);
  refuseIgnored(service, request);
  checkHeaders(request);
  if (request.method === "OPTIONS") return undefined;
  return service === "blob" ? blobOperation(request) : tableOperation(request);
}

function refuseUnsupportedBlobs(request: StorageRequest): void {
  const comp = request.query.get("comp");
  if (comp === "batch") throw notInSandbox("blob batches");
  if (comp === "userdelegationkey" || request.credential.kind === "userDelegationSas") {
    throw notInSandbox("user delegation keys");
  }
  // Azurite lets a signature for the destination read any source in the account.
  if (request.headers["x-ms-copy-source"] !== undefined) throw notInSandbox("copying from a URL");
}
