import { ClientSecretCredential } from "@azure/identity";
import type { TestSandbox } from "../../support/test-sandbox.ts";

/** Options and credentials with which the official SDKs reach a sandbox through its proxy, without a retry. */
export function azureClients(sandbox: TestSandbox) {
  const clientOptions = { proxyOptions: sandbox.proxyOptions, retryOptions: { maxRetries: 0 } };
  return {
    clientOptions,
    credential: (clientId: string, secret: string, tenantId = sandbox.azure.tenantId) =>
      new ClientSecretCredential(tenantId, clientId, secret, clientOptions),
  };
}
