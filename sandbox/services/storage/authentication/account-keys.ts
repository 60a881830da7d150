import { randomBytes } from "node:crypto";
import { EventEmitter } from "node:events";
import type { Clock } from "../../../core/clock.ts";
import type { Store } from "../../../core/store.ts";
import type { Resource, Resources } from "../../../resource-manager/resources.ts";

/** The resource type of storage accounts. */
export const storageAccountType = "Microsoft.Storage/storageAccounts";

/** One of the two keys of an account, as listKeys returns it. */
export interface AccountKey {
  keyName: "key1" | "key2";
  /** 64 random bytes, base64. */
  value: string;
  /** ISO 8601. */
  creationTime: string;
}

const keyNames = ["key1", "key2"] as const;

/**
 * The account keys of all storage accounts. Keys are created and deleted with their account. The event "change" carries
 * the ID (in lower case) of an account with created, regenerated or deleted keys.
 */
export class AccountKeys extends EventEmitter<{ change: [accountId: string] }> {
  private readonly store: Store;
  private readonly clock: Clock;

  constructor(azure: { store: Store; clock: Clock; resources: Resources }) {
    super();
    this.store = azure.store;
    this.clock = azure.clock;
    this.store.db.exec(
      `CREATE TABLE IF NOT EXISTS storage_account_keys
         (account_id TEXT, key_name TEXT, value TEXT, created INTEGER, PRIMARY KEY (account_id, key_name))`,
    );
    for (const account of azure.resources.list(storageAccountType)) this.createKeys(account);
    azure.resources.on("put", (resource) => this.createKeys(resource));
    azure.resources.on("delete", (resource) => this.deleteKeys(resource));
  }

  /** Both keys, key1 first; an empty list for an unknown account. */
  list(accountId: string): AccountKey[] {
    const rows = this.store.db
      .prepare("SELECT * FROM storage_account_keys WHERE account_id = ? ORDER BY key_name")
      .all(accountId.toLowerCase());
    return rows.map((row) => ({
      keyName: row.key_name as AccountKey["keyName"],
      value: row.value as string,
      creationTime: new Date(row.created as number).toISOString(),
    }));
  }

  /**
   * Replaces one key. Signatures of the old key are invalid from then on.
   * @returns Both keys, as Azure's regenerateKey does.
   * @throws RangeError when the account or key does not exist.
   */
  regenerate(accountId: string, keyName: string): AccountKey[] {
    const { changes } = this.store.db
      .prepare("UPDATE storage_account_keys SET value = ?, created = ? WHERE account_id = ? AND key_name = ?")
      .run(newKey(), this.clock.now(), accountId.toLowerCase(), keyName);
    if (changes === 0) throw new RangeError(`The account ${accountId} has no key ${keyName}.`);
    this.emit("change", accountId.toLowerCase());
    return this.list(accountId);
  }

  private createKeys(resource: Resource): void {
    if (!isStorageAccount(resource)) return;
    const insert = this.store.db.prepare("INSERT OR IGNORE INTO storage_account_keys VALUES (?, ?, ?, ?)");
    const results = keyNames.map((name) =>
      insert.run(resource.id.toLowerCase(), name, newKey(), this.clock.now()),
    );
    if (results.some(({ changes }) => changes > 0)) this.emit("change", resource.id.toLowerCase());
  }

  private deleteKeys(resource: Resource): void {
    if (!isStorageAccount(resource)) return;
    this.store.db
      .prepare("DELETE FROM storage_account_keys WHERE account_id = ?")
      .run(resource.id.toLowerCase());
    this.emit("change", resource.id.toLowerCase());
  }
}

/** Whether a resource is a storage account. */
export function isStorageAccount(resource: Resource): boolean {
  return resource.type.toLowerCase() === storageAccountType.toLowerCase();
}

const newKey = () => randomBytes(64).toString("base64");
