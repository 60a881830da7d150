import type { DatabaseSync } from "node:sqlite";
import type { Store } from "../../core/store.ts";
import { newKey } from "./registry/identity.ts";

/** The two keys of a shared access policy, in base64. */
export interface PolicyKeys {
  primaryKey: string;
  secondaryKey: string;
}

/** The keys of a policy as a client writes them. With one key alone, the other one is renewed; without both, they stay. */
export interface WrittenPolicyKeys {
  keyName: string;
  primaryKey?: string;
  secondaryKey?: string;
}

/**
 * The keys of a hub's shared access policy. They are in a table of their own, because a GET of the hub returns the
 * policies without them. A policy without keys gets new ones.
 * @param hubId Resource ID of the hub.
 */
export function policyKeys(store: Store, hubId: string, keyName: string): PolicyKeys {
  const db = openTable(store);
  const at = [hubId.toLowerCase(), keyName.toLowerCase()];
  const row = db.prepare("SELECT * FROM iothub_policy_keys WHERE hub_id = ? AND key_name = ?").get(...at);
  if (row) return { primaryKey: row.primary_key as string, secondaryKey: row.secondary_key as string };
  const keys = { primaryKey: newKey(), secondaryKey: newKey() };
  db.prepare("INSERT INTO iothub_policy_keys VALUES (?, ?, ?, ?)").run(
    ...at,
    keys.primaryKey,
    keys.secondaryKey,
  );
  return keys;
}

/**
 * Writes the keys of all policies of a hub, and deletes those of other policies. The Azure CLI's `policy renew-key` omits
 * the key that it renews and sends the other one. Its `iot hub update` sends policies without keys, as a GET returns them.
 * Source: iot_hub_policy_key_renew in azure-cli's command_modules/iot/custom.py. That both keys stay when both are omitted
 * is inferred: a change of tags would renew all keys otherwise.
 */
export function writePolicyKeys(store: Store, hubId: string, policies: WrittenPolicyKeys[]): void {
  const db = openTable(store);
  const update = db.prepare(
    "UPDATE iothub_policy_keys SET primary_key = ?, secondary_key = ? WHERE hub_id = ? AND key_name = ?",
  );
  const names = new Set(policies.map(({ keyName }) => keyName.toLowerCase()));
  const rows = db
    .prepare("SELECT key_name FROM iothub_policy_keys WHERE hub_id = ?")
    .all(hubId.toLowerCase());
  const remove = db.prepare("DELETE FROM iothub_policy_keys WHERE hub_id = ? AND key_name = ?");
  for (const { key_name: name } of rows) {
    if (!names.has(name as string)) remove.run(hubId.toLowerCase(), name as string);
  }
  for (const { keyName, primaryKey, secondaryKey } of policies) {
    policyKeys(store, hubId, keyName);
    if (!primaryKey && !secondaryKey) continue;
    update.run(primaryKey || newKey(), secondaryKey || newKey(), hubId.toLowerCase(), keyName.toLowerCase());
  }
}

/** Deletes the keys of a hub that was deleted. */
export function deletePolicyKeys(store: Store, hubId: string): void {
  openTable(store).prepare("DELETE FROM iothub_policy_keys WHERE hub_id = ?").run(hubId.toLowerCase());
}

function openTable({ db }: Store): DatabaseSync {
  db.exec(
    `CREATE TABLE IF NOT EXISTS iothub_policy_keys
       (hub_id TEXT, key_name TEXT, primary_key TEXT, secondary_key TEXT, PRIMARY KEY (hub_id, key_name))`,
  );
  return db;
}
