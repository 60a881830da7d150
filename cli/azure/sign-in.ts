import type { PipelinePolicy } from "@azure/core-rest-pipeline";
import {
  type AccessToken,
  AzureCliCredential,
  ChainedTokenCredential,
  EnvironmentCredential,
  type GetTokenOptions,
  type TokenCredential,
  WorkloadIdentityCredential,
} from "@azure/identity";
import { decodeJwt, errors, type JWTPayload } from "jose";
import type { Actor } from "../audit-log/record.ts";
import { OperatorError } from "../lib/operator-error.ts";
import { t } from "../words/translate.ts";
import { clientOptions } from "./http.ts";
import type { NetworkSettings } from "./network.ts";
import { unreachableError } from "./network-errors.ts";
import { signInError } from "./sign-in-errors.ts";

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
 * @throws OperatorError when AZURE_TENANT_ID is no tenant, or AZURE_AUTHORITY_HOST another cloud's host.
 */
export function signIn(network: NetworkSettings): SignIn {
  checkTenant(process.env);
  checkAuthority(process.env);
  const failures = new SignInFailures();
  const options = signInOptions(network, failures);
  const federated = process.env.AZURE_FEDERATED_TOKEN_FILE ? [new WorkloadIdentityCredential(options)] : [];
  return signInWith(
    new ChainedTokenCredential(
      new EnvironmentCredential(options),
      ...federated,
      new AzureCliCredential({ processTimeoutInMs: azureCliMs }),
    ),
    failures,
  );
}

/** Options of every credential that sends requests to Entra ID. */
export function signInOptions(network: NetworkSettings, failures: SignInFailures) {
  const { additionalPolicies, retryOptions } = clientOptions(network);
  return {
    additionalPolicies: [{ policy: failures.policy, position: "perRetry" as const }, ...additionalPolicies],
    retryOptions: { ...retryOptions, maxRetries: signInRetries },
  };
}

/** Retries of a request to Entra ID, as in @azure/identity. */
const signInRetries = 3;

/** Remembers why the last request to Entra ID got no answer. @azure/identity replaces the reason by "network_error". */
export class SignInFailures {
  private failure: Error | undefined;

  /** Why the last request failed; undefined when it did not. */
  get last(): Error | undefined {
    return this.failure;
  }

  /** Must be the first of the policies, so that it sees the errors of the others. */
  readonly policy: PipelinePolicy = {
    name: "signInFailures",
    sendRequest: async (request, next) => {
      try {
        const response = await next(request);
        this.failure = undefined;
        return response;
      } catch (error) {
        this.failure = error as Error;
        throw error;
      }
    },
  };
}

/**
 * Signs in with any credential. Its errors become OperatorErrors, which say why the sign-in failed.
 * @param failures The requests of the credential; default none are known.
 */
export function signInWith(credential: TokenCredential, failures = new SignInFailures()): SignIn {
  let account: Actor | undefined;
  return {
    credential: {
      async getToken(scopes: string | string[], options?: GetTokenOptions): Promise<AccessToken | null> {
        try {
          const token = await credential.getToken(scopes, options);
          if (token) account = accountOf(decodeJwt(token.token));
          return token;
        } catch (error) {
          throw explainSignIn(error as Error, failures.last);
        }
      },
    },
    caller: () => account?.objectId,
    who: () => account,
  };
}

function explainSignIn(error: Error, failure: Error | undefined): Error {
  if (failure && failure.name !== "AbortError") return unreachableError(failure, t`signing in to Azure`);
  if (/Authentication|CredentialUnavailable/.test(error.name)) return signInError(error);
  if (error instanceof errors.JOSEError) {
    return new OperatorError("unreachable", t`signing in to Azure: the answer holds no readable token`, {
      remedy: t`Check whether a proxy inspects the connection to login.microsoftonline.com, and run this again.`,
      cause: error,
    });
  }
  return error;
}

/** @throws OperatorError when AZURE_TENANT_ID is neither a tenant ID nor a domain. */
function checkTenant({ AZURE_TENANT_ID: tenant }: NodeJS.ProcessEnv): void {
  if (!tenant || /^[0-9a-zA-Z-.]+$/.test(tenant)) return;
  throw new OperatorError("usage", t`AZURE_TENANT_ID ${JSON.stringify(tenant)} is not a tenant ID`, {
    remedy: t`\`az account show --query tenantId\` prints it.`,
  });
}

/** @throws OperatorError when AZURE_AUTHORITY_HOST is not that of the public cloud: secrets and tokens are sent to it. */
function checkAuthority({ AZURE_AUTHORITY_HOST: authority }: NodeJS.ProcessEnv): void {
  if (!authority || /^https:\/\/login\.microsoftonline\.com\/?$/i.test(authority)) return;
  throw new OperatorError("usage", t`AZURE_AUTHORITY_HOST is not https://login.microsoftonline.com`, {
    remedy: t`Nothing was sent. Remove that variable: the stack is in Azure's public cloud.`,
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
