import type { Cloud } from "../../core/azure-environment.ts";
import type { Site } from "../../proxy/service-endpoint.ts";
import { AccountKeys, storageAccountType } from "./authentication/account-keys.ts";
import { Azurite } from "./azurite/azurite.ts";
import { Inside } from "./azurite/client.ts";
import type { KeysByAccount } from "./azurite/messages.ts";
import { StorageSite } from "./endpoint.ts";
import { Immutability } from "./immutability.ts";
import { type DeletedBlob, runLifecycle } from "./lifecycle.ts";
import { Declared } from "./resource-sync.ts";

/** The running storage services. */
export interface Storage {
  /** Blob and table endpoints of every account. */
  site: Site;
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
export async function startStorage(cloud: Cloud, dir: string): Promise<Storage> {
  const accountKeys = new AccountKeys(cloud);
  const keys = (): KeysByAccount =>
    Object.fromEntries(
      cloud.resources
        .list(storageAccountType)
        .map(({ id, name }) => [name.toLowerCase(), accountKeys.list(id).map(({ value }) => value)]),
    );
  const azurite = await Azurite.start(dir, keys(), cloud.log);
  accountKeys.on("change", () => azurite.setAccounts(keys()));
  const inside = new Inside(azurite, cloud.clock);
  const declared = new Declared(cloud, inside);
  const immutability = new Immutability(cloud, inside);
  const site = new StorageSite(cloud, azurite, immutability, () => declared.settled(), {
    deleted: (id) => {
      if (cloud.resources.get(id)) cloud.resources.delete(id);
    },
  });
  return {
    site,
    accountKeys,
    runLifecycle: () => runLifecycle(cloud, inside, immutability),
    close: async () => {
      await declared.settled();
      site.close();
      inside.close();
      await azurite.close();
    },
  };
}
