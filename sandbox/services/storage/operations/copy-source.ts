import { notInSandbox } from "../storage-error.ts";
import type { StorageRequest } from "../storage-request.ts";

/** Headers of the copies that the sandbox does not support, with the operation that each requests. */
const otherCopies: Record<string, string> = {
  "x-ms-requires-sync": "Copy Blob From URL (x-ms-requires-sync)",
  "x-ms-blob-type": "Put Blob From URL",
  "x-ms-copy-source-authorization": "copies with a token for the source",
  "x-ms-source-lease-id": "copies of a leased source by its lease",
  "x-ms-seal-blob": "copies that are sealed",
};

/** Whether the request is a Copy Blob. */
export function isCopy({ headers }: Pick<StorageRequest, "headers">): boolean {
  return headers["x-ms-copy-source"] !== undefined;
}

/**
 * Accepts one kind of copy: Copy Blob within an account, whose request is signed with the account key. The key authorizes
 * the destination and the source: "A source blob in the same storage account can be authenticated via Shared Key" (REST
 * reference of Azure Storage, "Copy Blob", x-ms-copy-source). With any other credential Azurite would read every source in
 * the account without a check.
 * @param host The account's host name in the request.
 * @throws StorageError 501 that names the kind of any other copy.
 */
export function verifyCopySource(request: StorageRequest, host: string): void {
  if (!isCopy(request)) return;
  const { headers, query, credential } = request;
  const comp = query.get("comp");
  if (comp !== null) throw notInSandbox(`copying from a URL with comp=${comp}`);
  const other = Object.keys(otherCopies).find((name) => headers[name] !== undefined);
  if (other) throw notInSandbox(otherCopies[other] as string);
  if (credential.kind !== "sharedKey") {
    throw notInSandbox(
      "Copy Blob without the account key: the right to read the source would not be checked",
    );
  }
  const source = URL.parse(String(headers["x-ms-copy-source"]));
  if (source?.protocol !== "https:") throw notInSandbox("copying from an address without https");
  if (source.host !== host) throw notInSandbox("copying from another storage account or web server");
  // A snapshot, a version, or a SAS, which Azurite would verify by a call of the address itself.
  if (source.search !== "" || source.username !== "" || source.hash !== "") {
    throw notInSandbox("copying from an address with parameters");
  }
}
