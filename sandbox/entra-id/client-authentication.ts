import { createLocalJWKSet, decodeJwt, type JSONWebKeySet, type JWTPayload, jwtVerify } from "jose";
import type { AzureEnvironment } from "../core/azure-environment.ts";
import type { Principal } from "./directory.ts";
import { EntraError } from "./entra-error.ts";
import type { Application, FederatedCredential, ObjectStore } from "./object-store.ts";

interface Context {
  azure: AzureEnvironment;
  objects: ObjectStore;
  federatedKeys?(issuer: string): JSONWebKeySet | undefined;
}

/**
 * Authenticates an application by its client secret or a federated assertion, and returns its principal.
 * @throws EntraError
 */
export async function authenticateClient(form: URLSearchParams, context: Context): Promise<Principal> {
  const clientId = requireParameter(form, "client_id");
  const principal = context.azure.directory.findByAppId(clientId);
  if (!principal) {
    throw new EntraError(
      "unauthorized_client",
      700016,
      `Application with identifier '${clientId}' was not found in the directory '${context.azure.tenantId}'.`,
    );
  }
  const secret = form.get("client_secret");
  const assertion = form.get("client_assertion");
  if (secret) {
    if (context.azure.directory.hasSecret(clientId, secret)) return principal;
    throw new EntraError(
      "invalid_client",
      7000215,
      "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, " +
        `not the client secret ID, for a secret added to app '${clientId}'.`,
    );
  }
  if (!assertion) {
    throw new EntraError(
      "invalid_client",
      7000218,
      "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
    );
  }
  if (form.get("client_assertion_type") !== "urn:ietf:params:oauth:client-assertion-type:jwt-bearer") {
    throw new EntraError("invalid_request", 50027, "The client_assertion_type is not jwt-bearer.");
  }
  await verifyAssertion(assertion, clientId, context);
  return principal;
}

/**
 * Copies the client ID and secret from a Basic Authorization header into the form. OAuth accepts both ways.
 * Source: RFC 6749, 2.3.1: both values are URL-encoded.
 */
export function addBasicCredentials(form: URLSearchParams, authorization: string | undefined): void {
  const [, encoded] = /^Basic +([A-Za-z0-9+/=]+)$/i.exec(authorization ?? "") ?? [];
  if (!encoded || form.has("client_id")) return;
  const [id = "", ...secret] = Buffer.from(encoded, "base64").toString("utf8").split(":");
  const credentials = new URLSearchParams(`client_id=${id}&client_secret=${secret.join(":")}`);
  for (const name of ["client_id", "client_secret"]) form.set(name, credentials.get(name) ?? "");
}

/** Returns a parameter of the form. @throws EntraError when it is missing. */
export function requireParameter(form: URLSearchParams, name: string): string {
  const value = form.get(name);
  if (value) return value;
  throw new EntraError(
    "invalid_request",
    900144,
    `The request body must contain the following parameter: '${name}'.`,
  );
}

/**
 * Verifies that the assertion matches one of the application's federated credentials exactly, and verifies its
 * signature.
 */
async function verifyAssertion(assertion: string, clientId: string, context: Context): Promise<void> {
  const claims = decode(assertion);
  const { iss = "", sub = "" } = claims;
  if (iss === clientId) {
    throw new EntraError(
      "invalid_client",
      700027,
      `The certificate used to sign the client assertion is not registered on application '${clientId}'. The sandbox ` +
        "supports no certificates: sign in with a client secret.",
    );
  }
  const audiences = [claims.aud ?? []].flat();
  const application = context.objects
    .list<Application>("application")
    .find((candidate) => candidate.clientId === clientId);
  const credential = context.objects
    .list<FederatedCredential>("federatedCredential")
    .filter(({ applicationObjectId }) => applicationObjectId === application?.id)
    .find(
      (each) =>
        each.issuer === iss &&
        each.subject === sub &&
        each.audiences.some((audience) => audiences.includes(audience)),
    );
  if (!credential) {
    throw new EntraError(
      "invalid_client",
      70021,
      "No matching federated identity record found for presented assertion. " +
        `Assertion Issuer: '${iss}'. Assertion Subject: '${sub}'. Assertion Audience: '${audiences.join(", ")}'.`,
    );
  }
  const keys = context.federatedKeys?.(iss);
  if (!keys) {
    throw new EntraError(
      "invalid_client",
      50013,
      "Assertion failed signature validation. The sandbox has no signing keys of the issuer " +
        `'${iss}', and cannot fetch them because it has no network access.`,
    );
  }
  try {
    await jwtVerify(assertion, createLocalJWKSet(keys), {
      issuer: credential.issuer,
      audience: credential.audiences,
      subject: credential.subject,
      currentDate: new Date(context.azure.clock.now()),
      requiredClaims: ["exp"],
    });
  } catch (error) {
    const reason = (error as Error).message;
    throw new EntraError(
      "invalid_client",
      50013,
      `Assertion failed signature validation. [Reason - ${reason}]`,
    );
  }
}

function decode(assertion: string): JWTPayload {
  try {
    return decodeJwt(assertion);
  } catch {
    throw new EntraError("invalid_client", 50027, "JWT token is invalid or malformed.");
  }
}
