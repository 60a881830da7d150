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
import { OperatorError } from "../lib/operator-error.ts";
import { clientOptions } from "./http.ts";
import type { NetworkSettings } from "./network.ts";

/** A credential, and the account that it signs in. */
export interface SignIn {
  credential: TokenCredential;
  /** Object ID of the signed-in account; undefined before the first token. */
  caller(): string | undefined;
  /** The signed-in account, from the claims of its token; undefined before the first token. */
  who(): Actor | undefined;
}

/** Maximum time for the Azure CLI to return a token, in milliseconds. */
const azureCliMs = 60_000;

/**
 * Signs in as an operator: with AZURE_CLIENT_ID and a secret or certificate from the environment, else with a federated
 * token (CI), else with the account of `az login`. Managed identities are not tried: on a computer without one, that delays
 * every command.
 * @throws OperatorError when AZURE_TENANT_ID is no tenant.
 */
export function signIn(network: NetworkSettings): SignIn {
  checkTenant(process.env);
  const { additionalPolicies } = clientOptions(network);
  const federated = process.env.AZURE_FEDERATED_TOKEN_FILE
    ? [new WorkloadIdentityCredential({ additionalPolicies })]
    : [];
  return signInWith(
    new ChainedTokenCredential(
      new EnvironmentCredential({ additionalPolicies }),
      ...federated,
      new AzureCliCredential({ processTimeoutInMs: azureCliMs }),
    ),
  );
}

/** Signs in with any credential. */
export function signInWith(credential: TokenCredential): SignIn {
  let account: Actor | undefined;
  return {
    credential: {
      async getToken(scopes: string | string[], options?: GetTokenOptions): Promise<AccessToken | null> {
        const token = await credential.getToken(scopes, options);
        if (token) account = accountOf(decodeJwt(token.token));
        return token;
      },
    },
    caller: () => account?.objectId,
    who: () => account,
  };
}

/** @throws OperatorError when AZURE_TENANT_ID is neither a tenant ID nor a domain. */
function checkTenant({ AZURE_TENANT_ID: tenant }: NodeJS.ProcessEnv): void {
  if (!tenant || /^[0-9a-zA-Z-.]+$/.test(tenant)) return;
  throw new OperatorError("usage", `AZURE_TENANT_ID ${JSON.stringify(tenant)} is not a tenant ID`, {
    remedy: "`az account show --query tenantId` prints it.",
  });
}

/** Version 1 and version 2 of Entra ID's tokens use different claim names. */
function accountOf(claims: JWTPayload): Actor {
  const first = (...names: string[]) =>
    names.map((name) => claims[name]).find((value) => typeof value === "string");
  return {
    objectId: first("oid") ?? "unknown",
    appId: first("appid", "azp"),
    name: first("upn", "preferred_username", "unique_name"),
  };
}
