import type { Store } from "../../../core/store.ts";
import type { Subscription } from "./topics.ts";

/** A device's subscriptions with the quality of service that was granted. */
export type Subscriptions = Map<Subscription, 0 | 1>;

/** Subscriptions of devices that connect with CleanSession 0. They survive the connection and a restart. */
export class MqttSessions {
  private readonly store: Store;

  constructor(store: Store) {
    this.store = store;
    store.db.exec(
      "CREATE TABLE IF NOT EXISTS iothub_mqtt_sessions (hub TEXT, device TEXT, subscriptions TEXT, PRIMARY KEY (hub, device)) WITHOUT ROWID",
    );
  }

  load(hub: string, deviceId: string): Subscriptions | undefined {
    const row = this.store
      .statement("SELECT subscriptions FROM iothub_mqtt_sessions WHERE hub = ? AND device = ?")
      .get(hub, deviceId);
    return row && new Map(JSON.parse(row.subscriptions as string) as [Subscription, 0 | 1][]);
  }

  /** Writes only what has changed: a client subscribes to the same topics each time that it connects. */
  save(hub: string, deviceId: string, subscriptions: Subscriptions): void {
    this.store
      .statement(
        `INSERT INTO iothub_mqtt_sessions VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET subscriptions = excluded.subscriptions
         WHERE subscriptions <> excluded.subscriptions`,
      )
      .run(hub, deviceId, JSON.stringify([...subscriptions]));
  }

  delete(hub: string, deviceId: string): void {
    this.store.statement("DELETE FROM iothub_mqtt_sessions WHERE hub = ? AND device = ?").run(hub, deviceId);
  }

  deleteHub(hub: string): void {
    this.store.db.prepare("DELETE FROM iothub_mqtt_sessions WHERE hub = ?").run(hub);
  }
}
