import { invalidUri, StorageError } from "./storage-error.ts";

/** Source: "Naming and referencing containers, blobs, and metadata", blob names. */
const maxNameLength = 1024;
const maxSegments = 254;

/**
 * Characters that no blob name can have: control characters, and the private use area. Source: "Naming and referencing
 * containers, blobs, and metadata", resource names; Azure/azure-storage-node#385 has Azure's answer to U+F003.
 */
const forbidden = /[\p{Cc}\u{e000}-\u{f8ff}]/u;

/**
 * Checks the name of a blob, in any request that names one.
 * @throws StorageError InvalidUri (400) for a forbidden character; OutOfRangeInput (400) for a name that is too long.
 *   Source of the second: Azure/Azurite#398, for a name of 1,025 characters in any operation. That too many segments
 *   have the same code is inferred.
 */
export function checkBlobName(name: string | undefined): void {
  if (name === undefined) return;
  if (forbidden.test(name)) throw invalidUri();
  if (name.length <= maxNameLength && name.split("/").length <= maxSegments) return;
  throw new StorageError(400, "OutOfRangeInput", "One of the request inputs is out of range.");
}
