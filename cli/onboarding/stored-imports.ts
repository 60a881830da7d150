import { explained } from "../azure/explain-error.ts";
import type { FilesAccount } from "../file-exchange/files-account.ts";
import { t } from "../words/translate.ts";

/**
 * The storage account of import jobs. It has no soft delete. A lifecycle rule deletes blobs that are a day old, usually
 * within two or three days: Azure runs such rules once a day, and a run can take several days
 * (storage/blobs/lifecycle-management-performance-characteristics). It does not delete containers.
 */
export type ImportAccount = Pick<FilesAccount, "containerClient" | "serviceClient">;

/** Containers of imports have this prefix and a random name, the import ID. */
export const containerPrefix = "device-import-";

/** The container of an import, which holds the device keys of new terminals in plaintext. */
export interface StoredImport {
  /** Random. Every device of the import has it as the tag `importId`. */
  importId: string;
  /** Host name of the IoT Hub; undefined for a container without metadata. */
  hub?: string;
  customer?: string;
  /** When the container was created, ISO 8601. */
  since: string;
  /** Whether a run holds its lease. A run that was killed just now appears so for some seconds. */
  inUse: boolean;
}

/**
 * Lists the imports in the account, the oldest first. An import is deleted when its terminals are onboarded, so these are
 * in progress or were interrupted.
 * @throws OperatorError when the account cannot be read.
 */
export async function listImports(account: ImportAccount): Promise<StoredImport[]> {
  const list = async () => {
    const imports: StoredImport[] = [];
    const service = await account.serviceClient();
    const listing = { prefix: containerPrefix, includeMetadata: true };
    for await (const { name, metadata, properties } of service.listContainers(listing)) {
      imports.push({
        importId: name.slice(containerPrefix.length),
        hub: metadata?.hub,
        customer: metadata?.customer || undefined,
        since: properties.lastModified.toISOString(),
        inUse: properties.leaseState === "leased",
      });
    }
    return imports.sort((a, b) => (a.since < b.since ? -1 : 1));
  };
  return explained(list(), t`listing the containers of earlier import jobs`);
}
