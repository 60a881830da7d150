import { hash, type webcrypto } from "node:crypto";
import {
  exportJWK,
  exportPKCS8,
  generateKeyPair,
  importJWK,
  importPKCS8,
  type JWK,
  jwtVerify,
  SignJWT,
} from "jose";
import { LRUCache } from "lru-cache";
import type { Clock } from "../core/clock.ts";
import type { Store } from "../core/store.ts";
import type { Principal } from "./directory.ts";

/** The caller that a verified token identifies. */
export interface Caller {
  objectId: string;
  appId?: string;
  /** Expiry of the token, in milliseconds since 1970. */
  expires: number;
}

/** Claims of some tokens. Source: Microsoft identity platform, "Access token claims reference". */
export interface TokenClaims {
  /** Kind of caller; default app. */
  idtyp?: "app" | "user";
  /** The application permissions for the audience. */
  roles?: string[];
  /** The template IDs of a person's directory roles. */
  wids?: string[];
}

/** A rejected token. The message is suitable for the body of the service's 401 response. */
export class TokenError extends Error {}

const lifetimeSeconds = 3600;
/** Maximum number of tokens that are remembered as accepted. */
const maxAccepted = 200;

/** Signs and verifies the tenant's access tokens (RS256). The key is in the store. */
export class Tokens {
  readonly tenantId: string;
  private readonly clock: Clock;
  private readonly privateKey: webcrypto.CryptoKey;
  private readonly publicKey: webcrypto.CryptoKey;
  /** Accepted tokens by token and audiences. A client sends the same token with each request for an hour. */
  private readonly accepted = new LRUCache<string, { caller: Caller; notBefore: number }>({
    max: maxAccepted,
  });
  /** The public key, for the tenant's JWKS document. */
  readonly jwk: JWK;

  private constructor(tenantId: string, clock: Clock, keys: webcrypto.CryptoKeyPair, jwk: JWK) {
    this.tenantId = tenantId;
    this.clock = clock;
    this.privateKey = keys.privateKey;
    this.publicKey = keys.publicKey;
    this.jwk = jwk;
  }

  static async open(store: Store, clock: Clock, tenantId: string): Promise<Tokens> {
    store.db.exec("CREATE TABLE IF NOT EXISTS entra_signing_key (pkcs8 TEXT, jwk TEXT)");
    const row = store.db.prepare("SELECT pkcs8, jwk FROM entra_signing_key").get();
    if (row) {
      const jwk = JSON.parse(row.jwk as string) as JWK;
      const keys = {
        privateKey: await importPKCS8(row.pkcs8 as string, "RS256"),
        publicKey: (await importJWK(jwk, "RS256")) as webcrypto.CryptoKey,
      };
      return new Tokens(tenantId, clock, keys, jwk);
    }
    const keys = await generateKeyPair("RS256", { extractable: true });
    const pkcs8 = await exportPKCS8(keys.privateKey);
    const kid = hash("sha256", pkcs8, "base64url").slice(0, 16);
    const jwk = { ...(await exportJWK(keys.publicKey)), kid, alg: "RS256", use: "sig" };
    store.db.prepare("INSERT INTO entra_signing_key VALUES (?, ?)").run(pkcs8, JSON.stringify(jwk));
    return new Tokens(tenantId, clock, keys, jwk);
  }

  get issuer(): string {
    return `https://sts.windows.net/${this.tenantId}/`;
  }

  /**
   * Issues an access token for `audience`, for example https://iothubs.azure.net. It is valid for one hour.
   * @param claims What the token says about the caller besides its identity; default nothing.
   */
  async issue(
    principal: Principal,
    audience: string,
    claims: TokenClaims = {},
  ): Promise<{ token: string; expiresIn: number }> {
    const now = Math.floor(this.clock.now() / 1000);
    const token = await new SignJWT({
      oid: principal.objectId,
      tid: this.tenantId,
      idtyp: "app",
      ver: "1.0",
      ...(principal.appId ? { appid: principal.appId } : {}),
      ...claims,
    })
      .setProtectedHeader({ alg: "RS256", typ: "JWT", kid: this.jwk.kid ?? "" })
      .setIssuer(this.issuer)
      .setSubject(principal.objectId)
      .setAudience(audience)
      .setIssuedAt(now)
      .setNotBefore(now)
      .setExpirationTime(now + lifetimeSeconds)
      .sign(this.privateKey);
    return { token, expiresIn: lifetimeSeconds };
  }

  /**
   * Verifies the value of an Authorization header, "Bearer …". The case of the scheme does not matter (RFC 9110, 11.1).
   * @param audiences The resource URIs that the service accepts, without a trailing slash.
   * @throws TokenError when the token is missing, malformed, expired, or issued for another service.
   */
  async verify(header: string | undefined, audiences: string[]): Promise<Caller> {
    const token = /^Bearer +(\S+) *$/i.exec(header ?? "")?.[1];
    if (!token) throw new TokenError("No bearer token.");
    const key = `${token} ${audiences.join(" ")}`;
    const known = this.accepted.get(key);
    const now = Math.floor(this.clock.now() / 1000) * 1000;
    // The signature cannot become wrong. The sandbox's clock can move back and forth.
    if (known && known.notBefore <= now && now < known.caller.expires) return known.caller;
    try {
      const { payload } = await jwtVerify(token, this.publicKey, {
        issuer: this.issuer,
        audience: audiences.flatMap((audience) => [audience, `${audience}/`]),
        currentDate: new Date(this.clock.now()),
      });
      const caller: Caller = {
        objectId: payload.oid as string,
        expires: (payload.exp as number) * 1000,
        ...(payload.appid ? { appId: payload.appid as string } : {}),
      };
      this.accepted.set(key, { caller, notBefore: (payload.nbf ?? 0) * 1000 });
      return caller;
    } catch (error) {
      throw new TokenError((error as Error).message);
    }
  }
}
