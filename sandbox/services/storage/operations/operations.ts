import { notInSandbox } from "../storage-error.ts";
import type { Service, StorageRequest } from "../storage-request.ts";
import { rejectUnsupportedOptions } from "../unsupported-options.ts";
import { resolveBlobOperation } from "./blob-operations.ts";
import { verifyCopySource } from "./copy-source.ts";
import { verifyHeaderValues } from "./header-values.ts";
import type { Operation } from "./operation.ts";
import { resolveTableOperation } from "./table-operations.ts";

/**
 * Determines the operation that a request performs; undefined for a CORS preflight, which performs none.
 * @param host Host name of the connection.
 * @throws StorageError 501 for a request that Azurite would handle incorrectly or not at all, with any credential; 400
 *   for a request without an operation.
 */
export function resolveOperation(
  service: Service,
  request: StorageRequest,
  host: string,
): Operation | undefined {
  // Azurite would apply the header to blobs too, and with any method.
  const isTunnelled = request.headers["x-http-method"] !== undefined;
  if (isTunnelled && (service === "blob" || request.method !== "POST")) {
    throw notInSandbox(`X-HTTP-Method with ${request.method} of ${service} storage`);
  }
  if (service === "blob") rejectUnsupportedBlobCalls(request, host);
  rejectUnsupportedOptions(service, request);
  verifyHeaderValues(request);
  if (request.method === "OPTIONS") return undefined;
  return service === "blob" ? resolveBlobOperation(request) : resolveTableOperation(request);
}

function rejectUnsupportedBlobCalls(request: StorageRequest, host: string): void {
  const comp = request.query.get("comp");
  if (comp === "batch") throw notInSandbox("blob batches");
  if (comp === "userdelegationkey" || request.credential.kind === "userDelegationSas") {
    throw notInSandbox("user delegation keys");
  }
  verifyCopySource(request, host);
}
