import type { AzureEnvironment } from "../../core/azure-environment.ts";
import type { ServiceEndpoint } from "../../proxy/service-endpoint.ts";
import { AccountKeys, storageAccountType } from "./authentication/account-keys.ts";
import { Azurite } from "./azurite/azurite.ts";
import { AzuriteClient } from "./azurite/client.ts";
import type { KeysByAccount } from "./azurite/messages.ts";
import { ContainerDeletions } from "./container-deletions.ts";
import { StorageEndpoint } from "./endpoint.ts";
import { Immutability } from "./immutability.ts";
import { type DeletedBlob, runLifecycle } from "./lifecycle.ts";
import { ResourceSync } from "./resource-sync.ts";

/** The running storage services. */
export interface Storage {
  /** The blob and table endpoints of all accounts. */
  endpoint: ServiceEndpoint;
  /** For listKeys and regenerateKey of Azure Resource Manager. */
  accountKeys: AccountKeys;
  /** Applies the lifecycle rules of all accounts at the sandbox's time. @returns The deleted blobs. */
  runLifecycle(): Promise<DeletedBlob[]>;
  /** Resolves when all data is on disk. */
  close(): Promise<void>;
}

export interface StorageOptions {
  /** Time in milliseconds until a deleted container's name is free; default 30,000, as in Azure at the earliest. */
  containerDeletionMs?: number;
}

/**
 * Starts the data plane of the storage accounts.
 * @param dir Folder of the data. It is created when missing. One process at a time can use it.
 * @throws When Azurite does not start, with its reason.
 */
export async function startStorage(
  azure: AzureEnvironment,
  dir: string,
  { containerDeletionMs = 30_000 }: StorageOptions = {},
): Promise<Storage> {
  const accountKeys = new AccountKeys(azure);
  const readKeys = (): KeysByAccount =>
    Object.fromEntries(
      azure.resources
        .list(storageAccountType)
        .map(({ id, name }) => [name.toLowerCase(), accountKeys.list(id).map(({ value }) => value)]),
    );
  const azurite = await Azurite.start(dir, readKeys(), azure.log);
  accountKeys.on("change", () => azurite.setAccounts(readKeys()));
  const client = new AzuriteClient(azurite, azure.clock);
  const sync = new ResourceSync(azure, client);
  const immutability = new Immutability(azure, client);
  const deletions = new ContainerDeletions(azure, containerDeletionMs);
  const endpoint = new StorageEndpoint(azure, azurite, immutability, () => sync.waitUntilSynced(), {
    checkCreation: (id) => deletions.checkName(id),
    changed: (account, request, operation, table) => sync.changes.apply(account, request, operation, table),
    deleted: (id) => {
      deletions.add(id);
      if (azure.resources.get(id)) azure.resources.delete(id);
    },
  });
  return {
    endpoint,
    accountKeys,
    runLifecycle: () => runLifecycle(azure, client, immutability),
    close: async () => {
      await sync.waitUntilSynced();
      endpoint.close();
      client.close();
      await azurite.close();
    },
  };
}
