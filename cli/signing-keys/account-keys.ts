import type { StorageManagementClient } from "@azure/arm-storage";
import { parseResourceId } from "../azure/resource-id.ts";
import { explained, OperatorError, type Permission } from "../lib/errors.ts";
import { type AccountKey, keyCacheMs } from "./signing-key-schedule.ts";

/** The two keys of the files account, by Azure Resource Manager. They exist in memory only. */
export class AccountKeys {
  readonly account: string;
  private readonly arm: StorageManagementClient;
  private readonly resourceGroup: string;
  private readonly permission: () => Permission;
  private known: { keys: Promise<[AccountKey, AccountKey]>; readAt: number } | undefined;

  /** @param accountId The account's resource ID. */
  constructor(arm: StorageManagementClient, accountId: string, permission: () => Permission) {
    const { resourceGroup, names } = parseResourceId(accountId);
    this.arm = arm;
    this.resourceGroup = resourceGroup;
    this.account = names[0] as string;
    this.permission = permission;
  }

  /** Both keys in the account's order, at most `keptMs` old. */
  readCached(): Promise<[AccountKey, AccountKey]> {
    const now = performance.now();
    if (!this.known || now - this.known.readAt > keyCacheMs) {
      const reading = this.read();
      this.known = { keys: reading, readAt: now };
      reading.catch(() => {
        if (this.known?.keys === reading) this.known = undefined;
      });
    }
    return this.known.keys;
  }

  /** Both keys as they are now. */
  async read(): Promise<[AccountKey, AccountKey]> {
    const { keys = [] } = await explained(
      this.arm.storageAccounts.listKeys(this.resourceGroup, this.account),
      `reading the keys of the storage account ${this.account}`,
      this.permission,
    );
    const [first, second] = keys.map(
      ({ keyName = "", value = "", creationTime }): AccountKey => ({
        name: keyName,
        value,
        createdOn: creationTime?.getTime() ?? 0,
      }),
    );
    if (first && second) return [first, second];
    throw new OperatorError("failed", `the storage account ${this.account} does not have two keys`);
  }

  /** Makes a key anew: what the old one signed is refused from now on. Returns both keys as they are then. */
  async regenerate(name: string): Promise<[AccountKey, AccountKey]> {
    await explained(
      this.arm.storageAccounts.regenerateKey(this.resourceGroup, this.account, { keyName: name }),
      `making ${name} of the storage account ${this.account} anew`,
      this.permission,
    );
    this.known = undefined;
    return this.read();
  }
}
