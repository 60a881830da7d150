import { EventEmitter } from "node:events";
import type { Store } from "../core/store.ts";

/** A resource as Azure Resource Manager answers it; what is under `properties` has the REST API's names. */
export interface Resource {
  /** Resource ID, for example /subscriptions/…/resourceGroups/…/providers/Microsoft.Devices/IotHubs/name. */
  id: string;
  /** For example Microsoft.Devices/IotHubs. */
  type: string;
  name: string;
  location?: string;
  tags?: Record<string, string>;
  kind?: string;
  sku?: Record<string, unknown>;
  identity?: Record<string, unknown>;
  properties: Record<string, unknown>;
}

interface Row {
  body: string;
}

/** All resources of the sandbox's subscription. IDs compare without regard to case, as in Azure. */
export class Resources extends EventEmitter<{ put: [Resource]; delete: [Resource] }> {
  private readonly store: Store;

  constructor(store: Store) {
    super();
    this.store = store;
    store.db.exec("CREATE TABLE IF NOT EXISTS arm_resources (key TEXT PRIMARY KEY, type TEXT, body TEXT)");
    store.db.exec("CREATE INDEX IF NOT EXISTS arm_resources_type ON arm_resources (type)");
  }

  get(id: string): Resource | undefined {
    const row = this.store.db.prepare("SELECT body FROM arm_resources WHERE key = ?").get(id.toLowerCase());
    return row && (JSON.parse((row as unknown as Row).body) as Resource);
  }

  /** All resources of a type, in the order of their IDs. */
  list(type: string): Resource[] {
    const rows = this.store.db
      .prepare("SELECT body FROM arm_resources WHERE type = ? ORDER BY key")
      .all(type.toLowerCase());
    return rows.map((row) => JSON.parse((row as unknown as Row).body) as Resource);
  }

  /** The resource of this type with this name, which for globally named types is at most one. */
  named(type: string, name: string): Resource | undefined {
    return this.list(type).find((resource) => resource.name.toLowerCase() === name.toLowerCase());
  }

  /** Everything below a resource or a resource group, the resource itself not counted. */
  below(id: string): Resource[] {
    const rows = this.store.db
      .prepare("SELECT body FROM arm_resources WHERE substr(key, 1, ?) = ? ORDER BY key")
      .all(id.length + 1, `${id.toLowerCase()}/`);
    return rows.map((row) => JSON.parse((row as unknown as Row).body) as Resource);
  }

  put(resource: Resource): void {
    this.store.db
      .prepare("INSERT OR REPLACE INTO arm_resources (key, type, body) VALUES (?, ?, ?)")
      .run(resource.id.toLowerCase(), resource.type.toLowerCase(), JSON.stringify(resource));
    this.emit("put", resource);
  }

  /** Removes the resource and everything below it, as deleting in Azure does. */
  delete(id: string): void {
    const gone = [...this.below(id), this.get(id)].filter((resource) => resource !== undefined);
    this.store.transaction(() => {
      for (const resource of gone) {
        this.store.db.prepare("DELETE FROM arm_resources WHERE key = ?").run(resource.id.toLowerCase());
      }
    });
    for (const resource of gone) this.emit("delete", resource);
  }
}
