import type { Properties } from "../../../sandbox/pulumi-providers/provider.ts";
import { startEngine } from "../pulumi-providers/provider-client.ts";

/** The default resource group of created resources. */
export const everywhere = { resourceGroupName: "example" };

export const hub = "azure-native:iothub:IotHubResource";

/** Starts an engine with two resource groups: example in West Europe and other in Norway East. */
export async function startTypes() {
  const engine = await startEngine();
  for (const [name, location] of [
    ["example", "westeurope"],
    ["other", "norwayeast"],
  ] as const) {
    await engine.native.create("azure-native:resources:ResourceGroup", name, {
      resourceGroupName: name,
      location,
    });
  }
  return {
    ...engine,
    create: (token: string, inputs: Properties) =>
      engine.native.create(token, "example", { ...everywhere, ...inputs }),
  };
}

export type Types = Awaited<ReturnType<typeof startTypes>>;
