import { createHash, randomBytes, randomUUID, timingSafeEqual } from "node:crypto";
import type { Store } from "../core/store.ts";

/** Somebody who can hold roles: a service principal, a managed identity (also one) or a group. */
export interface Principal {
  objectId: string;
  kind: "ServicePrincipal" | "Group";
  displayName: string;
  /** Application (client) ID; groups have none. */
  appId?: string;
}

const hash = (secret: string) => createHash("sha256").update(secret).digest();

/** The tenant's principals, client secrets (as hashes) and group members. */
export class Directory {
  private readonly store: Store;

  constructor(store: Store) {
    this.store = store;
    store.db.exec(`
      CREATE TABLE IF NOT EXISTS entra_principals (object_id TEXT PRIMARY KEY, kind TEXT, display_name TEXT, app_id TEXT);
      CREATE TABLE IF NOT EXISTS entra_secrets (app_id TEXT, hash BLOB);
      CREATE TABLE IF NOT EXISTS entra_members (group_id TEXT, member_id TEXT, PRIMARY KEY (group_id, member_id));
    `);
  }

  put(principal: Principal): void {
    this.store.db
      .prepare("INSERT OR REPLACE INTO entra_principals VALUES (?, ?, ?, ?)")
      .run(principal.objectId, principal.kind, principal.displayName, principal.appId ?? null);
  }

  /** Makes a service principal with a client secret, as an administrator of the tenant would. */
  addServicePrincipal(displayName: string): Principal & { appId: string; secret: string } {
    const principal = {
      objectId: randomUUID(),
      kind: "ServicePrincipal" as const,
      displayName,
      appId: randomUUID(),
    };
    this.put(principal);
    return { ...principal, secret: this.addSecret(principal.appId) };
  }

  addSecret(appId: string): string {
    const secret = randomBytes(32).toString("base64url");
    this.store.db.prepare("INSERT INTO entra_secrets VALUES (?, ?)").run(appId, hash(secret));
    return secret;
  }

  secretMatches(appId: string, secret: string): boolean {
    const rows = this.store.db.prepare("SELECT hash FROM entra_secrets WHERE app_id = ?").all(appId);
    return rows.some((row) => timingSafeEqual(Buffer.from(row.hash as Uint8Array), hash(secret)));
  }

  remove(objectId: string): void {
    this.store.transaction(() => {
      this.store.db.prepare("DELETE FROM entra_principals WHERE object_id = ?").run(objectId);
      this.store.db
        .prepare("DELETE FROM entra_members WHERE group_id = ? OR member_id = ?")
        .run(objectId, objectId);
    });
  }

  get(objectId: string): Principal | undefined {
    return this.one("object_id = ?", objectId);
  }

  byAppId(appId: string): Principal | undefined {
    return this.one("app_id = ?", appId);
  }

  groupNamed(displayName: string): Principal | undefined {
    return this.one("kind = 'Group' AND display_name = ?", displayName);
  }

  addMember(groupId: string, memberId: string): void {
    this.store.db.prepare("INSERT OR IGNORE INTO entra_members VALUES (?, ?)").run(groupId, memberId);
  }

  removeMember(groupId: string, memberId: string): void {
    this.store.db
      .prepare("DELETE FROM entra_members WHERE group_id = ? AND member_id = ?")
      .run(groupId, memberId);
  }

  isMember(groupId: string, memberId: string): boolean {
    const row = this.store.db
      .prepare("SELECT 1 FROM entra_members WHERE group_id = ? AND member_id = ?")
      .get(groupId, memberId);
    return row !== undefined;
  }

  /** The principal itself and every group it belongs to, directly or through other groups. */
  withGroups(objectId: string): string[] {
    const found = new Set([objectId]);
    for (const id of found) {
      const rows = this.store.db.prepare("SELECT group_id FROM entra_members WHERE member_id = ?").all(id);
      for (const row of rows) found.add(row.group_id as string);
    }
    return [...found];
  }

  private one(where: string, value: string): Principal | undefined {
    const row = this.store.db.prepare(`SELECT * FROM entra_principals WHERE ${where}`).get(value);
    if (!row) return undefined;
    return {
      objectId: row.object_id as string,
      kind: row.kind as Principal["kind"],
      displayName: row.display_name as string,
      ...(row.app_id ? { appId: row.app_id as string } : {}),
    };
  }
}
