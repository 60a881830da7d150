import {
  type AccessToken,
  AzureCliCredential,
  ChainedTokenCredential,
  EnvironmentCredential,
  type GetTokenOptions,
  type TokenCredential,
  WorkloadIdentityCredential,
} from "@azure/identity";
import { decodeJwt, type JWTPayload } from "jose";
import type { Actor } from "../audit-log/record.ts";
import { OperatorError } from "../lib/errors.ts";
import { clientOptions } from "./http.ts";
import type { NetworkSettings } from "./network.ts";

/** Who works: tokens for the services, and the object ID they are for. */
export interface SignIn {
  credential: TokenCredential;
  /** The signed-in account's object ID; undefined before the first token. */
  caller(): string | undefined;
  /** The signed-in account by its token's claims; undefined before the first token. */
  who(): Actor | undefined;
}

/** How long the Azure CLI may take to give a token, in milliseconds. */
const cliMs = 60_000;

/**
 * Signs in as operators do: with AZURE_CLIENT_ID and a secret or certificate from the environment, else with a
 * federated token (CI), else as whoever `az login` signed in. Managed identities are left out: asking for one
 * holds up every command on a computer that has none.
 * @throws OperatorError when AZURE_TENANT_ID is no tenant.
 */
export function signIn(network: NetworkSettings): SignIn {
  checkTenant(process.env);
  const { additionalPolicies } = clientOptions(network);
  const federated = process.env.AZURE_FEDERATED_TOKEN_FILE
    ? [new WorkloadIdentityCredential({ additionalPolicies })]
    : [];
  return knowing(
    new ChainedTokenCredential(
      new EnvironmentCredential({ additionalPolicies }),
      ...federated,
      new AzureCliCredential({ processTimeoutInMs: cliMs }),
    ),
  );
}

/** A sign-in from any credential. */
export function knowing(credential: TokenCredential): SignIn {
  let known: Actor | undefined;
  return {
    credential: {
      async getToken(scopes: string | string[], options?: GetTokenOptions): Promise<AccessToken | null> {
        const token = await credential.getToken(scopes, options);
        if (token) known = whoOf(decodeJwt(token.token));
        return token;
      },
    },
    caller: () => known?.objectId,
    who: () => known,
  };
}

/** @throws OperatorError when AZURE_TENANT_ID is neither a tenant ID nor a domain. */
function checkTenant({ AZURE_TENANT_ID: tenant }: NodeJS.ProcessEnv): void {
  if (!tenant || /^[0-9a-zA-Z-.]+$/.test(tenant)) return;
  throw new OperatorError("usage", `AZURE_TENANT_ID ${JSON.stringify(tenant)} is not a tenant ID`, {
    remedy: "`az account show --query tenantId` prints it.",
  });
}

/** The names of the claims differ between the two versions of Entra ID's tokens. */
function whoOf(claims: JWTPayload): Actor {
  const first = (...names: string[]) =>
    names.map((name) => claims[name]).find((value) => typeof value === "string");
  const appId = first("appid", "azp");
  const name = first("upn", "preferred_username", "unique_name");
  return {
    objectId: first("oid") ?? "unknown",
    ...(appId ? { appId } : {}),
    ...(name ? { name } : {}),
  };
}
