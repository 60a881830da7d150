import type { AzureEnvironment } from "../core/azure-environment.ts";
import type { Principal } from "../entra-id/directory.ts";
import { AzureNative } from "./azure-native.ts";
import { AzureAd } from "./azuread.ts";
import { Random } from "./random.ts";
import { serveProvider } from "./server.ts";

/**
 * Serves the Pulumi providers that a program for the sandbox needs.
 * @param deployer The principal whose roles decide what a deployment may do.
 * @param ports Where to listen on the loopback address, by provider; any free port where left out.
 * @returns `debugProviders` is the value of PULUMI_DEBUG_PROVIDERS that makes the engine attach to them.
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
