import type { Store } from "../core/store.ts";

export type ObjectKind = "application" | "servicePrincipal" | "federatedCredential" | "group";

/**
 * Time that Entra ID keeps a deleted application, and a deleted service principal. Their names and client IDs block
 * nothing. Source: entra/fundamentals/recover-from-deletions.
 */
const deletedItemsMs = 30 * 24 * 3_600_000;

/** The properties of directory objects that Microsoft Graph returns: descriptions, issuers, subjects and others. */
export class ObjectStore {
  private readonly store: Store;

  constructor(store: Store) {
    this.store = store;
    store.db.exec(
      "CREATE TABLE IF NOT EXISTS entra_objects (kind TEXT, id TEXT, body TEXT, PRIMARY KEY (kind, id))",
    );
    store.db.exec(
      "CREATE TABLE IF NOT EXISTS entra_deleted_items (kind TEXT, id TEXT, body TEXT, deleted_ms INTEGER, PRIMARY KEY (kind, id))",
    );
  }

  put<Body>(kind: ObjectKind, id: string, body: Body): void {
    this.store.db
      .prepare("INSERT OR REPLACE INTO entra_objects VALUES (?, ?, ?)")
      .run(kind, id, JSON.stringify(body));
  }

  get<Body>(kind: ObjectKind, id: string): Body | undefined {
    const row = this.store.db
      .prepare("SELECT body FROM entra_objects WHERE kind = ? AND id = ?")
      .get(kind, id);
    return row && (JSON.parse(row.body as string) as Body);
  }

  list<Body>(kind: ObjectKind): (Body & { id: string })[] {
    const rows = this.store.db
      .prepare("SELECT id, body FROM entra_objects WHERE kind = ? ORDER BY id")
      .all(kind);
    return rows.map((row) => ({ ...(JSON.parse(row.body as string) as Body), id: row.id as string }));
  }

  remove(kind: ObjectKind, id: string): void {
    this.store.db.prepare("DELETE FROM entra_objects WHERE kind = ? AND id = ?").run(kind, id);
  }

  /** Removes an object that Entra ID keeps for 30 days among the deleted items. */
  removeSoftly(kind: "application" | "servicePrincipal", id: string, nowMs: number): void {
    this.store.db
      .prepare(
        "INSERT OR REPLACE INTO entra_deleted_items SELECT kind, id, body, ? FROM entra_objects WHERE kind = ? AND id = ?",
      )
      .run(nowMs, kind, id);
    this.remove(kind, id);
  }

  /** The deleted items of a kind that Entra ID keeps at the moment. */
  listDeleted<Body>(kind: "application" | "servicePrincipal", nowMs: number): (Body & { id: string })[] {
    const rows = this.store.db
      .prepare("SELECT id, body FROM entra_deleted_items WHERE kind = ? AND deleted_ms > ? ORDER BY id")
      .all(kind, nowMs - deletedItemsMs);
    return rows.map((row) => ({ ...(JSON.parse(row.body as string) as Body), id: row.id as string }));
  }
}

/** An app registration. */
export interface Application {
  clientId: string;
  displayName: string;
  /** Audiences of tokens for this application, besides its client ID. */
  identifierUris?: string[];
}

/** Trusts the tokens of an external issuer, so that they sign in as an application. */
export interface FederatedCredential {
  applicationObjectId: string;
  displayName: string;
  issuer: string;
  subject: string;
  audiences: string[];
}
