import type { AzureEnvironment } from "../core/azure-environment.ts";
import type { Principal } from "../entra-id/directory.ts";
import { AzureNative } from "./azure-native.ts";
import { AzureAd } from "./azuread.ts";
import { Random } from "./random.ts";
import { serveProvider } from "./server.ts";

/**
 * Serves the Pulumi providers azure-native, azuread and random.
 * @param deployer The principal that deploys. Its roles decide what a deployment may do.
 * @param bind Chooses the port of a provider on 127.0.0.1, and binds it; default: the system chooses a free port.
 * @returns `debugProviders` is the value of PULUMI_DEBUG_PROVIDERS with which the engine uses these providers.
 */
export async function startProviders(
  azure: AzureEnvironment,
  deployer: Principal,
  bind: <Bound>(name: string, bindPort: (port: number) => Promise<Bound>) => Promise<Bound> = (_, bindPort) =>
    bindPort(0),
): Promise<{ debugProviders: string; ports: Record<string, number>; close(): Promise<void> }> {
  const providers = {
    "azure-native": new AzureNative(azure, deployer),
    azuread: new AzureAd(azure, deployer),
    random: new Random(),
  };
  const servers = await Promise.all(
    Object.entries(providers).map(async ([name, provider]) => ({
      name,
      ...(await bind(name, (port) => serveProvider(provider, port))),
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
