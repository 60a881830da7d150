import { invalidHeader, notInSandbox, StorageError } from "./storage-error.ts";
import type { Service, StorageRequest } from "./storage-request.ts";

/** Parameters and headers that Azure acts on and Azurite would pass over without a word, and what they are for. */
const unsupportedOptions: Record<
  Service,
  { parameters: Record<string, string>; headers: Record<string, string> }
> = {
  blob: {
    parameters: {
      versionid: "versions of blobs",
      deletetype: "deleting for good what was soft-deleted",
      startFrom: "lists that start in the middle",
    },
    headers: {
      "x-ms-encryption-scope": "encryption scopes",
      "x-ms-default-encryption-scope": "encryption scopes",
      "x-ms-deny-encryption-scope-override": "encryption scopes",
      "x-ms-immutability-policy-until-date": "immutability policies of single blobs",
      "x-ms-immutability-policy-mode": "immutability policies of single blobs",
      "x-ms-legal-hold": "legal holds",
      "x-ms-structured-body": "structured bodies",
      "x-ms-expiry-option": "blobs that expire",
    },
  },
  table: {
    parameters: {
      spk: "signatures for a range of rows",
      srk: "signatures for a range of rows",
      epk: "signatures for a range of rows",
      erk: "signatures for a range of rows",
    },
    headers: {},
  },
};

/** @throws StorageError 501 that names what would do nothing here. */
export function refuseIgnored(service: Service, { query, headers }: StorageRequest): void {
  const { parameters, headers: names } = unsupportedOptions[service];
  const parameter = Object.keys(parameters).find((name) => query.has(name));
  if (parameter) throw notInSandbox(`${parameters[parameter]} (${parameter})`);
  const header = Object.keys(names).find((name) => headers[name] !== undefined);
  if (header) throw notInSandbox(`${names[header]} (${header})`);
}

const ranges = ["range", "x-ms-range", "x-ms-source-range"];
const rangePattern = /^bytes=(\d+)-(\d*)$/;
/** Answer headers that a signature orders. */
const orderedParameters = ["rscc", "rscd", "rsce", "rscl", "rsct"];
const printable = /^[\t\x20-\x7e]*$/;

/**
 * Checks what Azurite would store, send back or count with unseen.
 * @throws StorageError 400 for a range in none of the two documented forms ("Specifying the range header for Blob
 *   service operations"; what Azure makes of others is not documented), and for texts that no header can hold as they
 *   are: "Manage blob properties and metadata" has them encoded.
 */
export function checkHeaders({ query, headers }: StorageRequest): void {
  for (const [name, value] of Object.entries(headers)) {
    const text = String(value);
    if (/^(x-ms|content)-/.test(name) && !printable.test(text)) throw invalidHeader(name);
    if (ranges.includes(name) && !isRange(text)) throw invalidHeader(name);
  }
  const ordered = orderedParameters.find((name) => !printable.test(query.get(name) ?? ""));
  if (ordered) {
    throw new StorageError(
      400,
      "InvalidQueryParameterValue",
      `Value for one of the query parameters specified in the request URI is invalid: ${ordered}.`,
    );
  }
}

function isRange(text: string): boolean {
  const [, first, last] = rangePattern.exec(text) ?? [];
  return first !== undefined && (last === "" || Number(first) <= Number(last));
}
