import { readFileSync } from "node:fs";
import {
  ClientAssertionCredential,
  ClientCertificateCredential,
  ClientSecretCredential,
  type TokenCredential,
} from "@azure/identity";
import {
  type NetworkSettings,
  OperatorError,
  type SignIn,
  SignInFailures,
  signIn,
  signInOptions,
  signInWith,
} from "@terminal-fleet/cli/azure-access";

/**
 * Signs in as the deployer: as the account that Pulumi's providers use. They read the variables ARM_*, and otherwise use
 * the account of `az login`. The check of another account's rights would be worth nothing.
 * Source: Pulumi's documentation, "Azure Native: installation and configuration".
 * @throws OperatorError when a variable is missing.
 */
export function signInAsDeployer(network: NetworkSettings, env: NodeJS.ProcessEnv = process.env): SignIn {
  if (!env.ARM_CLIENT_ID) return signIn(network);
  const failures = new SignInFailures();
  return signInWith(armCredential(signInOptions(network, failures), env), failures);
}

function armCredential(options: ReturnType<typeof signInOptions>, env: NodeJS.ProcessEnv): TokenCredential {
  const clientId = env.ARM_CLIENT_ID as string;
  const tenantId = require(env, "ARM_TENANT_ID");
  if (env.ARM_CLIENT_SECRET) {
    return new ClientSecretCredential(tenantId, clientId, env.ARM_CLIENT_SECRET, options);
  }
  if (env.ARM_CLIENT_CERTIFICATE_PATH) {
    const certificate = {
      certificatePath: env.ARM_CLIENT_CERTIFICATE_PATH,
      certificatePassword: env.ARM_CLIENT_CERTIFICATE_PASSWORD,
    };
    return new ClientCertificateCredential(tenantId, clientId, certificate, options);
  }
  if (env.ARM_USE_OIDC === "true") {
    const assertion = () => pipelineToken(env);
    return new ClientAssertionCredential(tenantId, clientId, assertion, options);
  }
  throw new OperatorError("usage", "ARM_CLIENT_ID is set without a way to sign in", {
    remedy:
      "Set ARM_CLIENT_SECRET, ARM_CLIENT_CERTIFICATE_PATH, or ARM_USE_OIDC=true with the pipeline's token.",
  });
}

/** The pipeline's own token: given, in a file, or from GitHub's token service that the job's environment names. */
async function pipelineToken(env: NodeJS.ProcessEnv): Promise<string> {
  if (env.ARM_OIDC_TOKEN) return env.ARM_OIDC_TOKEN;
  if (env.ARM_OIDC_TOKEN_FILE_PATH) return readFileSync(env.ARM_OIDC_TOKEN_FILE_PATH, "utf8").trim();
  const url = URL.parse(require(env, "ACTIONS_ID_TOKEN_REQUEST_URL"));
  if (url?.protocol !== "https:") {
    throw new OperatorError("usage", "ACTIONS_ID_TOKEN_REQUEST_URL is not an https URL");
  }
  url.searchParams.set("audience", "api://AzureADTokenExchange");
  const answer = await fetch(url, {
    redirect: "error",
    headers: { Authorization: `Bearer ${require(env, "ACTIONS_ID_TOKEN_REQUEST_TOKEN")}` },
  });
  const { value } = (await answer.json()) as { value?: unknown };
  if (typeof value === "string") return value;
  throw new OperatorError("notAllowed", `GitHub's token service answered ${answer.status} without a token`, {
    remedy: "Give the job the permission `id-token: write`.",
  });
}

function require(env: NodeJS.ProcessEnv, name: string): string {
  const value = env[name];
  if (value) return value;
  throw new OperatorError("usage", `${name} is not set, and the sign-in with ARM_CLIENT_ID needs it`, {
    remedy: "Section 5 of docs/deploying.md lists the variables of a pipeline.",
  });
}
