import type { Properties } from "../../../sandbox/pulumi-providers/provider.ts";
import { startEngine } from "../pulumi-providers/provider-client.ts";

/** The group that everything goes into which says no other. */
export const everywhere = { resourceGroupName: "example" };

export const hub = "azure-native:iothub:IotHubResource";

/** An engine with two resource groups, example in West Europe and other in Norway East. */
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
