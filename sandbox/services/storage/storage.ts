import type { AzureEnvironment } from "../../core/azure-environment.ts";
import type { ServiceEndpoint } from "../../proxy/service-endpoint.ts";
import { AccountKeys, storageAccountType } from "./authentication/account-keys.ts";
import { Azurite } from "./azurite/azurite.ts";
import { AzuriteClient } from "./azurite/client.ts";
import type { KeysByAccount } from "./azurite/messages.ts";
import { StorageEndpoint } from "./endpoint.ts";
import { Immutability } from "./immutability.ts";
import { type DeletedBlob, runLifecycle } from "./lifecycle.ts";
import { ResourceSync } from "./resource-sync.ts";

/** The running storage services. */
export interface Storage {
  /** Blob and table endpoints of every account. */
  endpoint: ServiceEndpoint;
  /** For ARM's listKeys and regenerateKey. */
  accountKeys: AccountKeys;
  /** Applies the accounts' lifecycle rules at the sandbox's time. */
  runLifecycle(): Promise<DeletedBlob[]>;
  /** Ends when everything is on disk. */
  close(): Promise<void>;
}

/**
 * Starts the storage accounts' data plane.
 * @param dir Folder of the data, made when missing; one process at a time holds it.
 * @throws When Azurite does not start, with its reason.
 */
export async function startStorage(azure: AzureEnvironment, dir: string): Promise<Storage> {
  const accountKeys = new AccountKeys(azure);
  const keys = (): KeysByAccount =>
    Object.fromEntries(
      azure.resources
        .list(storageAccountType)
        .map(({ id, name }) => [name.toLowerCase(), accountKeys.list(id).map(({ value }) => value)]),
    );
  const azurite = await Azurite.start(dir, keys(), azure.log);
  accountKeys.on("change", () => azurite.setAccounts(keys()));
  const inside = new AzuriteClient(azurite, azure.clock);
  const declared = new ResourceSync(azure, inside);
  const immutability = new Immutability(azure, inside);
  const endpoint = new StorageEndpoint(azure, azurite, immutability, () => declared.settled(), {
    deleted: (id) => {
      if (azure.resources.get(id)) azure.resources.delete(id);
    },
  });
  return {
    endpoint,
    accountKeys,
    runLifecycle: () => runLifecycle(azure, inside, immutability),
    close: async () => {
      await declared.settled();
      endpoint.close();
      inside.close();
      await azurite.close();
    },
  };
}
