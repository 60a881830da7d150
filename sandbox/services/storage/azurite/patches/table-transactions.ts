// Patches Azurite's private class BatchSerialization at run time: in the addresses of an entity group transaction it
// expects the account in the path, although Azurite otherwise accepts host names that contain the account.
import { loadModule } from "../load-module.ts";

/** Finds the table in an address whose host name contains the account. */
export function patchTransactionAddresses(): void {
  const { BatchSerialization } = loadModule("table/batch/BatchSerialization");
  BatchSerialization.prototype.extractPath = (uri: string) => /^https?:\/\/[^/]+\/(\w+)/.exec(uri);
}
