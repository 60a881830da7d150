import { randomBytes } from "node:crypto";
import { EventEmitter } from "node:events";
import type { Clock } from "../../../core/clock.ts";
import type { Store } from "../../../core/store.ts";
import type { Resource, Resources } from "../../../resource-manager/resources.ts";

/** The resource type whose keys these are. */
export const storageAccountType = "Microsoft.Storage/storageAccounts";

/** One of an account's two keys, as listKeys answers it. */
export interface AccountKey {
  keyName: "key1" | "key2";
  /** 64 random bytes, base64. */
  value: string;
  /** When it was made: ISO 8601. */
  creationTime: string;
}

const keyNames = ["key1", "key2"] as const;

/**
 * The access keys of the storage accounts: made when an account is, gone with it. "change" names the account (in
 * lower case) whose keys were made, regenerated or removed.
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
    for (const account of azure.resources.list(storageAccountType)) this.mint(account);
    azure.resources.on("put", (resource) => this.mint(resource));
    azure.resources.on("delete", (resource) => this.remove(resource));
  }

  /** Both keys, key1 first; none when there is no such account. */
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
   * Replaces one key; what the old one signed is refused from now on.
   * @returns Both keys, as Azure's regenerateKey does.
   * @throws RangeError when there is no such account or key.
   */
  regenerate(accountId: string, keyName: string): AccountKey[] {
    const { changes } = this.store.db
      .prepare("UPDATE storage_account_keys SET value = ?, created = ? WHERE account_id = ? AND key_name = ?")
      .run(newKey(), this.clock.now(), accountId.toLowerCase(), keyName);
    if (changes === 0) throw new RangeError(`There is no key ${keyName} of ${accountId}.`);
    this.emit("change", accountId.toLowerCase());
    return this.list(accountId);
  }

  private mint(resource: Resource): void {
    if (!isAccount(resource)) return;
    const insert = this.store.db.prepare("INSERT OR IGNORE INTO storage_account_keys VALUES (?, ?, ?, ?)");
    const made = keyNames.map((name) =>
      insert.run(resource.id.toLowerCase(), name, newKey(), this.clock.now()),
    );
    if (made.some(({ changes }) => changes > 0)) this.emit("change", resource.id.toLowerCase());
  }

  private remove(resource: Resource): void {
    if (!isAccount(resource)) return;
    this.store.db
      .prepare("DELETE FROM storage_account_keys WHERE account_id = ?")
      .run(resource.id.toLowerCase());
    this.emit("change", resource.id.toLowerCase());
  }
}

/** Whether a resource is a storage account. */
export function isAccount(resource: Resource): boolean {
  return resource.type.toLowerCase() === storageAccountType.toLowerCase();
}

const newKey = () => randomBytes(64).toString("base64");
