import { notInSandbox } from "./storage-error.ts";
import type { Service, StorageRequest } from "./storage-request.ts";

/** Query parameters and headers that Azure supports and Azurite silently ignores, with the feature that each requests. */
const unsupportedOptions: Record<
  Service,
  { parameters: Record<string, string>; headers: Record<string, string> }
> = {
  blob: {
    parameters: {
      versionid: "blob versions",
      deletetype: "the permanent deletion of soft-deleted blobs",
      startFrom: "listings from a start position",
    },
    headers: {
      "x-ms-encryption-scope": "encryption scopes",
      "x-ms-default-encryption-scope": "encryption scopes",
      "x-ms-deny-encryption-scope-override": "encryption scopes",
      "x-ms-immutability-policy-until-date": "version-level immutability policies",
      "x-ms-immutability-policy-mode": "version-level immutability policies",
      "x-ms-legal-hold": "legal holds",
      "x-ms-structured-body": "structured message bodies",
      "x-ms-expiry-option": "the expiry of blobs",
    },
  },
  table: {
    parameters: {
      spk: "shared access signatures for a range of rows",
      srk: "shared access signatures for a range of rows",
      epk: "shared access signatures for a range of rows",
      erk: "shared access signatures for a range of rows",
    },
    headers: {},
  },
};

/**
 * Rejects a request with an option that Azurite ignores.
 * @throws StorageError 501 that names the feature and the option.
 */
export function rejectUnsupportedOptions(service: Service, { query, headers }: StorageRequest): void {
  const { parameters, headers: names } = unsupportedOptions[service];
  const parameter = Object.keys(parameters).find((name) => query.has(name));
  if (parameter) throw notInSandbox(`${parameters[parameter]} (${parameter})`);
  const header = Object.keys(names).find((name) => headers[name] !== undefined);
  if (header) throw notInSandbox(`${names[header]} (${header})`);
}
