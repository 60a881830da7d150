import { randomUUID } from "node:crypto";
import { Directory } from "../entra-id/directory.ts";
import { Tokens } from "../entra-id/tokens.ts";
import { Resources } from "../resource-manager/resources.ts";
import { AccessControl } from "../services/authorization/access-control.ts";
import type { Clock } from "./clock.ts";
import { printable } from "./printable.ts";
import { Store } from "./store.ts";

/** The state that all parts of the sandbox share: one subscription in one tenant. */
export interface AzureEnvironment {
  store: Store;
  clock: Clock;
  tenantId: string;
  subscriptionId: string;
  resources: Resources;
  directory: Directory;
  tokens: Tokens;
  access: AccessControl;
  /** Writes one line to the sandbox's log. The line must not contain a key, a token or a signature. */
  log(line: string): void;
}

/**
 * Opens the subscription in a database, or creates a new one in it.
 * @param options.file Path of the database, or ":memory:".
 */
export async function openAzureEnvironment(options: {
  file: string;
  clock: Clock;
  log: (line: string) => void;
}): Promise<AzureEnvironment> {
  const store = new Store(options.file);
  store.db.exec("CREATE TABLE IF NOT EXISTS cloud_ids (tenant_id TEXT, subscription_id TEXT)");
  let ids = store.db.prepare("SELECT * FROM cloud_ids").get();
  if (!ids) {
    ids = { tenant_id: randomUUID(), subscription_id: randomUUID() };
    store.db
      .prepare("INSERT INTO cloud_ids VALUES (?, ?)")
      .run(ids.tenant_id as string, ids.subscription_id as string);
  }
  const resources = new Resources(store);
  const directory = new Directory(store);
  return {
    store,
    clock: options.clock,
    tenantId: ids.tenant_id as string,
    subscriptionId: ids.subscription_id as string,
    resources,
    directory,
    tokens: await Tokens.open(store, options.clock, ids.tenant_id as string),
    access: new AccessControl(resources, directory),
    // Clients choose names, IDs and headers that lines contain: none of them may begin a line or act on a terminal.
    log: (line) => options.log(printable(line)),
  };
}
