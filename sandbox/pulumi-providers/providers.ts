import type { AzureEnvironment } from "../core/azure-environment.ts";
import type { Principal } from "../entra-id/directory.ts";
import { AzureNative } from "./azure-native.ts";
import { AzureAd } from "./azuread.ts";
import { Random } from "./random.ts";
import { serveProvider } from "./server.ts";

/**
 * Serves the Pulumi providers azure-native, azuread and random.
 * @param deployer The principal that deploys. Its roles decide what a deployment may do.
 * @param ports The ports on 127.0.0.1, by provider; default: the system chooses free ports.
 * @returns `debugProviders` is the value of PULUMI_DEBUG_PROVIDERS with which the engine uses these providers.
 */
export async function startProviders(
  azure: AzureEnvironment,
  deployer: Principal,
  ports: Record<string, number> = {},
): Promise<{ debugProviders: string; ports: Record<string, number>; close(): Promise<void> }> {
  const providers = {
    "azure-native": new AzureNative(azure, deployer),
    azuread: new AzureAd(azure, deployer),
    random: new Random(),
  };
  const servers = await Promise.all(
    Object.entries(providers).map(async ([name, provider]) => ({
      name,
      ...(await serveProvider(provider, ports[name])),
    })),
  );
  return {
    debugProviders: servers.map(({ name, port }) => `${name}:${port}`).join(","),
    ports: Object.fromEntries(servers.map(({ name, port }) => [name, port])),
    close: async () => {
      await Promise.all(servers.map((server) => server.close()));
    },
  };
}
