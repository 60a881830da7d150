import { hash, randomBytes, randomUUID, timingSafeEqual } from "node:crypto";
import type { Store } from "../core/store.ts";

/** An identity that can have roles: a service principal (also that of a managed identity) or a group. */
export interface Principal {
  objectId: string;
  kind: "ServicePrincipal" | "Group";
  displayName: string;
  /** Application (client) ID. A group has none. */
  appId?: string;
}

const hashSecret = (secret: string) => hash("sha256", secret, "buffer");

/** The tenant's principals, hashes of client secrets, and group members. */
export class Directory {
  private readonly store: Store;

  constructor(store: Store) {
    this.store = store;
    store.db.exec(`
      CREATE TABLE IF NOT EXISTS entra_principals (object_id TEXT PRIMARY KEY, kind TEXT, display_name TEXT, app_id TEXT);
      CREATE TABLE IF NOT EXISTS entra_secrets (app_id TEXT, hash BLOB);
      CREATE TABLE IF NOT EXISTS entra_app_roles (object_id TEXT, role TEXT, PRIMARY KEY (object_id, role));
      CREATE TABLE IF NOT EXISTS entra_members (group_id TEXT, member_id TEXT, PRIMARY KEY (group_id, member_id));
    `);
  }

  put(principal: Principal): void {
    this.store.db
      .prepare("INSERT OR REPLACE INTO entra_principals VALUES (?, ?, ?, ?)")
      .run(principal.objectId, principal.kind, principal.displayName, principal.appId ?? null);
  }

  /** Creates a service principal with a client secret, as an administrator of the tenant would. */
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

  /** Creates one more client secret of an application. Only its hash is stored. */
  addSecret(appId: string): string {
    const secret = randomBytes(32).toString("base64url");
    this.store.db.prepare("INSERT INTO entra_secrets VALUES (?, ?)").run(appId, hashSecret(secret));
    return secret;
  }

  hasSecret(appId: string, secret: string): boolean {
    const rows = this.store.db.prepare("SELECT hash FROM entra_secrets WHERE app_id = ?").all(appId);
    return rows.some((row) => timingSafeEqual(Buffer.from(row.hash as Uint8Array), hashSecret(secret)));
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
    return this.find("object_id = ?", objectId);
  }

  findByAppId(appId: string): Principal | undefined {
    return this.find("app_id = ?", appId);
  }

  findGroup(displayName: string): Principal | undefined {
    return this.find("kind = 'Group' AND display_name = ?", displayName);
  }

  addMember(groupId: string, memberId: string): void {
    this.store.db.prepare("INSERT OR IGNORE INTO entra_members VALUES (?, ?)").run(groupId, memberId);
  }

  removeMember(groupId: string, memberId: string): void {
    this.store.db
      .prepare("DELETE FROM entra_members WHERE group_id = ? AND member_id = ?")
      .run(groupId, memberId);
  }

  /** What every member of the tenant may create. The default is that of a new tenant; a restart restores it. */
  membersMayCreate = { allowedToCreateApps: true, allowedToCreateSecurityGroups: true };

  /**
   * Replaces the application permissions for Microsoft Graph to which an administrator has consented.
   * @param roles For example ["Group.ReadWrite.All"].
   */
  setAppRoles(objectId: string, roles: string[]): void {
    this.store.transaction(() => {
      this.store.db.prepare("DELETE FROM entra_app_roles WHERE object_id = ?").run(objectId);
      const insert = this.store.db.prepare("INSERT INTO entra_app_roles VALUES (?, ?)");
      for (const role of roles) insert.run(objectId, role);
    });
  }

  /** The application permissions for Microsoft Graph, in alphabetical order. */
  listAppRoles(objectId: string): string[] {
    const rows = this.store.db
      .prepare("SELECT role FROM entra_app_roles WHERE object_id = ? ORDER BY role")
      .all(objectId);
    return rows.map((row) => row.role as string);
  }

  isMember(groupId: string, memberId: string): boolean {
    const row = this.store.db
      .prepare("SELECT 1 FROM entra_members WHERE group_id = ? AND member_id = ?")
      .get(groupId, memberId);
    return row !== undefined;
  }

  /** The IDs of the principal and of all groups that contain it, directly or through other groups. */
  listWithGroups(objectId: string): string[] {
    const found = new Set([objectId]);
    for (const id of found) {
      const rows = this.store.statement("SELECT group_id FROM entra_members WHERE member_id = ?").all(id);
      for (const row of rows) found.add(row.group_id as string);
    }
    return [...found];
  }

  private find(where: string, value: string): Principal | undefined {
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
