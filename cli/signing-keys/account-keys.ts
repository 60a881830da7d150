// StorageManagementClient would load every operation of Azure Storage.
import type { StorageManagementContext } from "@azure/arm-storage/api";
import { listKeys, regenerateKey } from "@azure/arm-storage/api/storageAccounts";
import { explained, type Permission } from "../azure/explain-error.ts";
import { parseResourceId } from "../azure/resource-id.ts";
import { OperatorError } from "../lib/operator-error.ts";
import { t } from "../words/translate.ts";
import { type AccountKey, keyCacheMs } from "./signing-key-schedule.ts";

/** The two keys of a storage account, read from Azure Resource Manager. They stay in memory. */
export class AccountKeys {
  readonly account: string;
  private readonly arm: StorageManagementContext;
  private readonly resourceGroup: string;
  private readonly permission: () => Permission;
  private cached: { keys: Promise<[AccountKey, AccountKey]>; readAt: number } | undefined;

  /**
   * @param accountId Resource ID of the storage account.
   * @param permission The right that reading the keys needs, for the message of a 403.
   */
  constructor(arm: StorageManagementContext, accountId: string, permission: () => Permission) {
    const { resourceGroup, names } = parseResourceId(accountId);
    this.arm = arm;
    this.resourceGroup = resourceGroup;
    this.account = names[0] as string;
    this.permission = permission;
  }

  /** Both keys in the account's order, at most `keyCacheMs` old. */
  readCached(): Promise<[AccountKey, AccountKey]> {
    const now = performance.now();
    if (!this.cached || now - this.cached.readAt > keyCacheMs) {
      const keys = this.read();
      this.cached = { keys, readAt: now };
      keys.catch(() => {
        if (this.cached?.keys === keys) this.cached = undefined;
      });
    }
    return this.cached.keys;
  }

  /** Both keys in the account's order, read now. Later calls of `readCached` return them too. */
  async read(): Promise<[AccountKey, AccountKey]> {
    const { keys = [] } = await explained(
      listKeys(this.arm, this.resourceGroup, this.account),
      t`reading the keys of the storage account ${this.account}`,
      this.permission,
    );
    const [first, second] = keys.map(
      ({ keyName = "", value = "", creationTime }): AccountKey => ({
        name: keyName,
        value,
        createdOn: creationTime?.getTime() ?? 0,
      }),
    );
    if (first && second) {
      this.cached = { keys: Promise.resolve([first, second]), readAt: performance.now() };
      return [first, second];
    }
    throw new OperatorError("failed", t`the storage account ${this.account} does not have two keys`);
  }

  /**
   * Replaces a key by a new one. Azure rejects everything that the old key signed from then on.
   * @returns Both keys afterwards.
   */
  async regenerate(name: string): Promise<[AccountKey, AccountKey]> {
    await explained(
      regenerateKey(this.arm, this.resourceGroup, this.account, { keyName: name }),
      t`regenerating ${name} of the storage account ${this.account}`,
      this.permission,
    );
    this.cached = undefined;
    return this.read();
  }
}
