import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { ClientSecretCredential } from "@azure/identity";
import type { AzureEnvironment } from "../../../sandbox/core/azure-environment.ts";
import { createTokenEndpoint, type TokenEndpointOptions } from "../../../sandbox/entra-id/token-endpoint.ts";
import { startProxy } from "../../../sandbox/proxy/proxy.ts";
import { createResourceManagerEndpoint } from "../../../sandbox/resource-manager/rest-api/endpoint.ts";
import { AccountKeys } from "../../../sandbox/services/storage/authentication/account-keys.ts";

/**
 * Serves login.microsoftonline.com and management.azure.com behind a proxy that this process trusts. The official SDKs
 * reach them as they reach Azure through a customer's proxy.
 */
export async function startAzureProxy(azure: AzureEnvironment, options: TokenEndpointOptions = {}) {
  const dir = await mkdtemp(join(tmpdir(), "sandbox-arm-"));
  const accountKeys = new AccountKeys(azure);
  const proxy = await startProxy(azure, {
    dir,
    port: 0,
    endpoints: [createTokenEndpoint(azure, options), createResourceManagerEndpoint(azure, accountKeys)],
  });
  setDefaultCACertificates([...getCACertificates("default"), proxy.ca]);
  const url = new URL(proxy.url);
  const proxyOptions = { host: `http://${url.hostname}`, port: Number(url.port) };
  /** No retries, so that a test does not wait for them. */
  const retryOptions = { maxRetries: 0 };
  return {
    accountKeys,
    proxy,
    clientOptions: { proxyOptions, retryOptions },
    credential: (clientId: string, secret: string, tenantId = azure.tenantId) =>
      new ClientSecretCredential(tenantId, clientId, secret, { proxyOptions, retryOptions }),
    async close() {
      await proxy.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}
