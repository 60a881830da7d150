import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { TestPrincipal } from "../entra-id/test-principals.ts";
import type { AzureEnvironment } from "./azure-environment.ts";
import { findNewestStack } from "./newest-stack.ts";
import type { Sandbox } from "./sandbox.ts";

/** How the variables of a shell differ from the usual ones. */
export interface EnvironmentOptions {
  /**
   * Default false. True: Pulumi starts its own azure-native provider, which calls Azure Resource Manager of the sandbox
   * over REST. The providers azuread and random stay those of the sandbox.
   */
  realProviders?: boolean;
}

/**
 * The environment variables that direct a shell or a child process to the sandbox. Each call creates a new client
 * secret; the sandbox stores its hash only.
 * @param as The principal that signs in. "deployer" owns the subscription and, like every owner, has no access to
 *   data. "operator" has the roles of the groups of which it is a member.
 */
export function sandboxEnvironment(
  sandbox: Sandbox,
  as: keyof Sandbox["principals"],
  { realProviders = false }: EnvironmentOptions = {},
): Record<string, string> {
  const principal: TestPrincipal = sandbox.principals[as];
  const backend = join(sandbox.dir, "pulumi");
  // The Azure CLI stores who is signed in, so each principal has a folder, and the user's own sign-in stays as it is.
  const azureCli = join(sandbox.dir, "azure-cli", as);
  for (const folder of [backend, azureCli]) mkdirSync(folder, { recursive: true, mode: 0o700 });
  const secret = sandbox.azure.directory.addSecret(principal.appId);
  const stack = findNewestStack(sandbox.dir);
  return {
    AZURE_TENANT_ID: sandbox.azure.tenantId,
    AZURE_SUBSCRIPTION_ID: sandbox.azure.subscriptionId,
    AZURE_CLIENT_ID: principal.appId,
    AZURE_CLIENT_SECRET: secret,
    AZURE_CONFIG_DIR: azureCli,
    // The hosts of the Azure CLI's telemetry are not in the sandbox.
    AZURE_CORE_COLLECT_TELEMETRY: "false",
    HTTPS_PROXY: sandbox.proxy.url,
    NO_PROXY: "127.0.0.1,localhost",
    NODE_EXTRA_CA_CERTS: sandbox.proxy.caFile,
    REQUESTS_CA_BUNDLE: sandbox.proxy.caFile,
    // For programs in Go, and for those that use OpenSSL's default certificates.
    SSL_CERT_FILE: sandbox.proxy.caFile,
    // For curl, which takes this variable before SSL_CERT_FILE: some systems set it.
    CURL_CA_BUNDLE: sandbox.proxy.caFile,
    // Later commands of azure-sandbox in this shell concern this sandbox, and commands of terminals its newest stack.
    SANDBOX_DIR: resolve(sandbox.dir),
    ...(stack === undefined ? {} : { TERMINALS_STACK: stack }),
    PULUMI_BACKEND_URL: pathToFileURL(backend).href,
    PULUMI_CONFIG_PASSPHRASE: stackPassphrase(sandbox.azure),
    PULUMI_DEBUG_PROVIDERS: realProviders
      ? withoutProvider(sandbox.providers.debugProviders, "azure-native")
      : sandbox.providers.debugProviders,
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    ...(realProviders ? azureNativeVariables(sandbox.azure, principal.appId, secret) : {}),
  };
}

/** Removes a provider from a value of PULUMI_DEBUG_PROVIDERS: names with ports, with commas between them. */
function withoutProvider(debugProviders: string, name: string): string {
  return debugProviders
    .split(",")
    .filter((each) => !each.startsWith(`${name}:`))
    .join(",");
}

/** The sign-in of Pulumi's azure-native provider. Source: its installation page, "Service Principal". */
function azureNativeVariables(azure: AzureEnvironment, clientId: string, secret: string) {
  return {
    ARM_CLIENT_ID: clientId,
    ARM_CLIENT_SECRET: secret,
    ARM_TENANT_ID: azure.tenantId,
    ARM_SUBSCRIPTION_ID: azure.subscriptionId,
  };
}

/** The passphrase of the sandbox's stacks. It is created once, so that a later shell can open the same stack. */
function stackPassphrase(azure: AzureEnvironment): string {
  azure.store.db.exec("CREATE TABLE IF NOT EXISTS cloud_passphrase (value TEXT)");
  const row = azure.store.db.prepare("SELECT value FROM cloud_passphrase").get();
  if (row) return row.value as string;
  const value = randomBytes(18).toString("base64url");
  azure.store.db.prepare("INSERT INTO cloud_passphrase VALUES (?)").run(value);
  return value;
}
