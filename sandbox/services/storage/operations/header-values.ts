import { invalidHeader, StorageError } from "../storage-error.ts";
import type { StorageRequest } from "../storage-request.ts";

const rangeHeaders = ["range", "x-ms-range", "x-ms-source-range"];
const rangePattern = /^bytes=(\d+)-(\d*)$/;
/** Parameters of a SAS that set headers of the response. */
const responseHeaderParameters = ["rscc", "rscd", "rsce", "rscl", "rsct"];
const printablePattern = /^[\t\x20-\x7e]*$/;

/**
 * Verifies values that Azurite would store, return or calculate with unchecked.
 * @throws StorageError 400 for a range in neither of the two documented forms ("Specifying the range header for Blob
 *   service operations"; Azure's behaviour with other forms is not documented), and for text that a header cannot
 *   contain ("Manage blob properties and metadata" requires clients to encode it).
 */
export function verifyHeaderValues({ query, headers }: StorageRequest): void {
  for (const [name, value] of Object.entries(headers)) {
    const text = String(value);
    if (/^(x-ms|content)-/.test(name) && !printablePattern.test(text)) throw invalidHeader(name);
    if (rangeHeaders.includes(name) && !isRange(text)) throw invalidHeader(name);
  }
  const unprintable = responseHeaderParameters.find((name) => !printablePattern.test(query.get(name) ?? ""));
  if (unprintable) {
    throw new StorageError(
      400,
      "InvalidQueryParameterValue",
      `Value for one of the query parameters specified in the request URI is invalid: ${unprintable}.`,
    );
  }
}

function isRange(text: string): boolean {
  const [, first, last] = rangePattern.exec(text) ?? [];
  return first !== undefined && (last === "" || Number(first) <= Number(last));
}
