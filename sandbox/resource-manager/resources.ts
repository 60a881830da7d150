import { EventEmitter } from "node:events";
import type { SQLOutputValue, StatementSync } from "node:sqlite";
import type { Store } from "../core/store.ts";

/** A resource as Azure Resource Manager returns it. `properties` has the names of the REST API. */
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
  /** Set where a resource is read. It is not stored: it follows from the rest. */
  etag?: string;
  properties: Record<string, unknown>;
  /** Set on what Azure keeps of a deleted resource: the resource, and the time at which Azure purges it. */
  softDeleted?: { resource: Resource; purgeAtMs: number };
}

/** All resources of the sandbox's subscription. The case of IDs does not matter, as in Azure. */
export class Resources extends EventEmitter<{ put: [Resource]; delete: [Resource] }> {
  private readonly store: Store;
  private readonly selectOne: StatementSync;
  private readonly selectByType: StatementSync;
  private readonly selectBelow: StatementSync;
  private readonly insertOne: StatementSync;
  private readonly deleteOne: StatementSync;

  constructor(store: Store) {
    super();
    // Each service listens.
    this.setMaxListeners(0);
    this.store = store;
    const { db } = store;
    db.exec("CREATE TABLE IF NOT EXISTS arm_resources (key TEXT PRIMARY KEY, type TEXT, body TEXT)");
    db.exec("CREATE INDEX IF NOT EXISTS arm_resources_type ON arm_resources (type)");
    this.selectOne = db.prepare("SELECT body FROM arm_resources WHERE key = ?");
    this.selectByType = db.prepare("SELECT body FROM arm_resources WHERE type = ? ORDER BY key");
    this.selectBelow = db.prepare("SELECT body FROM arm_resources WHERE substr(key, 1, ?) = ? ORDER BY key");
    // An update in place changes no index, as long as the type stays.
    this.insertOne = db.prepare(
      "INSERT INTO arm_resources (key, type, body) VALUES (?, ?, ?) ON CONFLICT (key) DO UPDATE SET type = excluded.type, body = excluded.body",
    );
    this.deleteOne = db.prepare("DELETE FROM arm_resources WHERE key = ?");
  }

  get(id: string): Resource | undefined {
    const row = this.selectOne.get(id.toLowerCase());
    return row && toResource(row);
  }

  /** All resources of a type, in the order of their IDs. */
  list(type: string): Resource[] {
    return this.selectByType.all(type.toLowerCase()).map(toResource);
  }

  /** The first resource of a type with this name. Types with globally unique names have at most one. */
  named(type: string, name: string): Resource | undefined {
    return this.list(type).find((resource) => resource.name.toLowerCase() === name.toLowerCase());
  }

  /** All resources below a resource or a resource group, without the resource itself. */
  below(id: string): Resource[] {
    return this.selectBelow.all(id.length + 1, `${id.toLowerCase()}/`).map(toResource);
  }

  put(resource: Resource): void {
    this.insertOne.run(resource.id.toLowerCase(), resource.type.toLowerCase(), JSON.stringify(resource));
    this.emit("put", resource);
  }

  /**
   * Deletes a resource and the resources below it.
   * @param outlives Whether a resource below it stays. Default: none stays.
   */
  delete(id: string, outlives: (resource: Resource) => boolean = () => false): void {
    const below = this.below(id).filter((resource) => !outlives(resource));
    const deleted = [...below, this.get(id)].filter((resource) => resource !== undefined);
    this.store.transaction(() => {
      for (const resource of deleted) this.deleteOne.run(resource.id.toLowerCase());
    });
    for (const resource of deleted) this.emit("delete", resource);
  }
}

const toResource = (row: Record<string, SQLOutputValue>): Resource => JSON.parse(row.body as string);
