import "reflect-metadata";
import { ClientAssertionCredential, ClientCertificateCredential } from "@azure/identity";
import { X509CertificateGenerator } from "@peculiar/x509";
import { exportJWK, exportPKCS8, generateKeyPair, SignJWT } from "jose";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ObjectStore } from "../../../sandbox/entra-id/object-store.ts";
import { createTokenEndpoint } from "../../../sandbox/entra-id/token-endpoint.ts";
import { TestSandbox } from "../../support/test-sandbox.ts";
import { azureClients } from "./azure-clients.ts";

const issuer = "https://ci.example.com";
const exchange = "api://AzureADTokenExchange";
const keys = await generateKeyPair("RS256");
const jwks = { keys: [{ ...(await exportJWK(keys.publicKey)), kid: "ci", alg: "RS256" }] };

const sandbox = await TestSandbox.start({
  entraId: { federatedKeys: (each) => (each === issuer ? jwks : undefined) },
  resourceManager: {},
});
const { azure, clock } = sandbox;
const native = azureClients(sandbox);
const app = azure.directory.addServicePrincipal("example");

beforeAll(() => {
  const objects = new ObjectStore(azure.store);
  objects.put("application", "object-id", { clientId: app.appId, displayName: "example" });
  const credential = { displayName: "ci", issuer, audiences: [exchange], applicationObjectId: "object-id" };
  objects.put("federatedCredential", "ci", { ...credential, subject: "environment:dev" });
  objects.put("federatedCredential", "other", {
    ...credential,
    issuer: "https://unknown.example.com",
    subject: "environment:dev",
  });
});

afterAll(() => sandbox[Symbol.asyncDispose]());

test("@azure/identity signs in with a client secret through the proxy", async () => {
  const credential = native.credential(app.appId, app.secret);
  const { token, expiresOnTimestamp } = await credential.getToken("https://management.azure.com/.default");
  expect(await azure.tokens.verify(`Bearer ${token}`, ["https://management.azure.com"])).toMatchObject({
    objectId: app.objectId,
    appId: app.appId,
  });
  await expect(azure.tokens.verify(`Bearer ${token}`, ["https://iothubs.azure.net"])).rejects.toThrow(/aud/);
  expect(expiresOnTimestamp - Date.now()).toBeGreaterThan(3_500_000);
  const other = await credential.getToken("https://iothubs.azure.net/.default");
  expect(await azure.tokens.verify(`Bearer ${other.token}`, ["https://iothubs.azure.net"])).toMatchObject({
    objectId: app.objectId,
  });
});

test.each([
  ["a wrong secret", () => native.credential(app.appId, "wrong"), /AADSTS7000215/],
  ["an unknown application", () => native.credential(azure.tenantId, app.secret), /AADSTS700016/],
  [
    "an unknown tenant",
    () => native.credential(app.appId, app.secret, "11111111-2222-3333-4444-555555555555"),
    /AADSTS90002|tenant/i,
  ],
])("@azure/identity receives Entra's error for %s", async (_, credential, message) => {
  const error = await credential()
    .getToken("https://management.azure.com/.default")
    .then(
      () => undefined,
      (reason: Error) => reason,
    );
  expect(error?.message).toMatch(message);
  expect(error?.message).not.toContain(app.secret);
});

const endpoint = createTokenEndpoint(azure);

async function requestToken(form: Record<string, string>) {
  const response = await endpoint.fetch(
    new Request(`https://login.microsoftonline.com/${azure.tenantId}/oauth2/v2.0/token`, {
      method: "POST",
      body: new URLSearchParams(form),
    }),
  );
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

test("rejects a request body that is larger than a sign-in needs, without reading it to the end", async () => {
  const url = `https://login.microsoftonline.com/${azure.tenantId}/oauth2/v2.0/token`;
  const piece = Buffer.alloc(8 * 1024, "x");
  let pulledBytes = 0;
  const endless = new ReadableStream({
    pull: (controller) => {
      pulledBytes += piece.length;
      controller.enqueue(piece);
    },
  });
  const streamed = new Request(url, { method: "POST", body: endless, duplex: "half" } as RequestInit);
  const whole = new Request(url, { method: "POST", body: "x".repeat(100_000) });
  for (const request of [streamed, whole]) expect((await endpoint.fetch(request)).status).toBe(413);
  expect(pulledBytes).toBeLessThan(1 << 20);
});

test.each([
  [{}, 400, "invalid_request", 900144],
  [{ grant_type: "password" }, 400, "unsupported_grant_type", 70003],
  [{ grant_type: "client_credentials", client_id: app.appId }, 401, "invalid_client", 7000218],
  [
    { grant_type: "client_credentials", client_id: app.appId, client_secret: app.secret },
    400,
    "invalid_request",
    900144,
  ],
  [
    {
      grant_type: "client_credentials",
      client_id: app.appId,
      client_secret: app.secret,
      scope: "https://storage.azure.com/user_impersonation",
    },
    400,
    "invalid_scope",
    1002012,
  ],
  [
    {
      grant_type: "client_credentials",
      client_id: app.appId,
      client_secret: app.secret,
      scope: "https://nothing.example.com/.default",
    },
    400,
    "invalid_resource",
    500011,
  ],
])("rejects the token request %o", async (form, status, error, code) => {
  const { status: answered, body } = await requestToken(form as Record<string, string>);
  expect(answered).toBe(status);
  expect(body).toMatchObject({ error, error_codes: [code] });
  expect(JSON.stringify(body)).not.toContain(app.secret);
});

/** Each client adds the scopes of OpenID Connect in its own order: MSAL for Go, MSAL for Java, and others. */
test.each([
  "https://management.azure.com/.default openid offline_access profile",
  "openid profile offline_access https://management.azure.com//.default",
  "https://management.azure.com/.default  email OpenID",
])("a token request with the scope %s gets a token for Resource Manager", async (scope) => {
  const { status, body } = await requestToken({
    grant_type: "client_credentials",
    client_id: app.appId,
    client_secret: app.secret,
    scope,
  });
  expect({ status, body }).toMatchObject({ status: 200, body: { token_type: "Bearer" } });
  await azure.tokens.verify(`Bearer ${body.access_token}`, ["https://management.azure.com"]);
});

test.each([
  ["openid profile offline_access", 1002012, /\.default/],
  ["https://management.azure.com/.default https://storage.azure.com/.default", 1002012, /\.default/],
  ["https://management.azure.com/.default openidx", 1002012, /\.default/],
  ["https://graph.windows.net/.default", 500011, /does not have Azure AD Graph/],
])("a token request with the scope %s is rejected", async (scope, code, message) => {
  const { status, body } = await requestToken({
    grant_type: "client_credentials",
    client_id: app.appId,
    client_secret: app.secret,
    scope,
  });
  expect({ status, body }).toMatchObject({ status: 400, body: { error_codes: [code] } });
  expect(body.error_description).toMatch(message);
});

test("the discovery documents match the issued tokens", async () => {
  const get = async (path: string) => {
    const response = await endpoint.fetch(new Request(`https://login.microsoftonline.com${path}`));
    return (await response.json()) as Record<string, unknown>;
  };
  const configuration = await get(`/${azure.tenantId}/v2.0/.well-known/openid-configuration`);
  expect(configuration.issuer).toBe(azure.tokens.issuer);
  const { keys: published } = await get(new URL(configuration.jwks_uri as string).pathname);
  expect(published).toEqual([expect.objectContaining({ kid: azure.tokens.jwk.kid, n: azure.tokens.jwk.n })]);
  expect(published).toEqual([expect.not.objectContaining({ d: expect.anything() })]);
  expect(await get("/common/discovery/instance")).toMatchObject({ metadata: [expect.any(Object)] });
  expect(await get("/nothing")).toMatchObject({ error_description: expect.stringContaining("/nothing") });
});

async function assertion(claims: { issuer?: string; subject?: string; audience?: string; key?: unknown }) {
  return new SignJWT()
    .setProtectedHeader({ alg: "RS256", kid: "ci" })
    .setIssuer(claims.issuer ?? issuer)
    .setSubject(claims.subject ?? "environment:dev")
    .setAudience(claims.audience ?? exchange)
    .setExpirationTime("10m")
    .sign((claims.key as typeof keys.privateKey) ?? keys.privateKey);
}

function signIn(claims: Parameters<typeof assertion>[0]) {
  const credential = new ClientAssertionCredential(
    azure.tenantId,
    app.appId,
    () => assertion(claims),
    native.clientOptions,
  );
  return credential.getToken("https://management.azure.com/.default");
}

test("CI signs in without a secret when its token matches a federated credential", async () => {
  const { token } = await signIn({});
  expect(await azure.tokens.verify(`Bearer ${token}`, ["https://management.azure.com"])).toMatchObject({
    objectId: app.objectId,
  });
});

test.each([
  ["another subject", { subject: "environment:prod" }, /AADSTS70021/],
  ["another audience", { audience: "api://other" }, /AADSTS70021/],
  ["another issuer", { issuer: "https://other.example.com" }, /AADSTS70021/],
  ["an issuer without signing keys", { issuer: "https://unknown.example.com" }, /AADSTS50013.*unknown/],
])("rejects the token of CI with %s", async (_, claims, message) => {
  await expect(signIn(claims)).rejects.toThrow(message);
});

test("rejects a token of CI that another key signed or that has expired", async () => {
  const { privateKey } = await generateKeyPair("RS256");
  await expect(signIn({ key: privateKey })).rejects.toThrow(/AADSTS50013/);
  clock.move(3600_000);
  await expect(signIn({})).rejects.toThrow(/AADSTS50013.*exp/);
  clock.move(-3600_000);
});

test("accepts a client ID and secret in a Basic Authorization header, as the configuration document declares", async () => {
  const scope = "https://management.azure.com/.default";
  const basic = (secret: string) =>
    endpoint.fetch(
      new Request(`https://login.microsoftonline.com/${azure.tenantId}/oauth2/v2.0/token`, {
        method: "POST",
        headers: { authorization: `Basic ${btoa(`${app.appId}:${encodeURIComponent(secret)}`)}` },
        body: new URLSearchParams({ grant_type: "client_credentials", scope }),
      }),
    );
  expect((await basic(app.secret)).status).toBe(200);
  const refused = await basic(`${app.secret}:`);
  expect([refused.status, await refused.text()]).toEqual([401, expect.stringContaining("AADSTS7000215")]);
});

test("rejects a client certificate, and reports that the sandbox supports none", async () => {
  const pair = await crypto.subtle.generateKey(
    {
      name: "RSASSA-PKCS1-v1_5",
      hash: "SHA-256",
      modulusLength: 2048,
      publicExponent: new Uint8Array([1, 0, 1]),
    },
    true,
    ["sign", "verify"],
  );
  const selfSigned = await X509CertificateGenerator.createSelfSigned({ name: "CN=example", keys: pair });
  const certificate = `${await exportPKCS8(pair.privateKey)}\n${selfSigned.toString("pem")}\n`;
  const { tenantId } = azure;
  const credential = new ClientCertificateCredential(
    tenantId,
    app.appId,
    { certificate },
    native.clientOptions,
  );
  const call = credential.getToken("https://management.azure.com/.default");
  await expect(call).rejects.toThrow(/AADSTS700027.*supports no certificates/);
});
