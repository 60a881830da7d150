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
 * login.microsoftonline.com and management.azure.com behind the proxy, trusted by this process, so that the
 * official SDKs reach them as they would reach Azure from behind a customer's proxy.
 */
export async function startAzureFront(azure: AzureEnvironment, options: TokenEndpointOptions = {}) {
  const dir = await mkdtemp(join(tmpdir(), "sandbox-arm-"));
  const accountKeys = new AccountKeys(azure);
  const front = await startProxy(azure, {
    dir,
    port: 0,
    sites: [createTokenEndpoint(azure, options), createResourceManagerEndpoint(azure, accountKeys)],
  });
  setDefaultCACertificates([...getCACertificates("default"), front.ca]);
  const proxy = new URL(front.proxyUrl);
  const proxyOptions = { host: `http://${proxy.hostname}`, port: Number(proxy.port) };
  /** Tried once: a test waits for no retry. */
  const retryOptions = { maxRetries: 0 };
  return {
    accountKeys,
    front,
    clientOptions: { proxyOptions, retryOptions },
    credential: (clientId: string, secret: string, tenantId = azure.tenantId) =>
      new ClientSecretCredential(tenantId, clientId, secret, { proxyOptions, retryOptions }),
    async close() {
      await front.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}
