import { createHmac } from "node:crypto";
import iothub from "azure-iothub";
import { exampleGroup } from "../../../support/example-resources.ts";
import { RestCalls } from "../../resource-manager/rest-calls.ts";
import { type HubUnderTest, startHub } from "./iot-hub-harness.ts";

/** A shared access policy with its keys, as listKeys returns it. */
export interface Policy {
  keyName: string;
  primaryKey: string;
  secondaryKey: string;
  rights: string;
}

/** A hub that was created over REST, with its management calls. */
export async function startDeclaredHub(properties: Record<string, unknown> = {}) {
  const hub = await startHub();
  const calls = new RestCalls(hub.sandbox);
  hub.azure.resources.delete(hub.resourceId);
  await calls.create(exampleGroup(hub.azure.subscriptionId), { location: "westeurope" });
  const body = { location: "westeurope", sku: { name: "S1", capacity: 1 }, properties };
  await calls.create(hub.resourceId, body);
  const policies = async (): Promise<Policy[]> =>
    (await calls.send("POST", `${hub.resourceId}/listkeys`)).body.value;
  const put = (changed: Record<string, unknown>) =>
    calls.send("PUT", hub.resourceId, { ...body, properties: { ...properties, ...changed } });
  return { hub, calls, policies, put, [Symbol.asyncDispose]: () => hub[Symbol.asyncDispose]() };
}

/** A SAS with the parts that "Control access to IoT Hub with shared access signatures" names. */
export function sas(
  resource: string,
  { keyName, primaryKey }: Policy,
  expires = Date.now() / 1000 + 60,
): string {
  const [sr, se] = [encodeURIComponent(resource), Math.floor(expires)];
  const signature = createHmac("sha256", Buffer.from(primaryKey, "base64")).update(`${sr}\n${se}`);
  const sig = encodeURIComponent(signature.digest("base64"));
  return `SharedAccessSignature sr=${sr}&sig=${sig}&se=${se}&skn=${keyName}`;
}

/** The official SDK's registry, by a connection string of the policy. */
export function registryOf(hub: HubUnderTest, { keyName, primaryKey }: Policy): iothub.Registry {
  const registry = iothub.Registry.fromConnectionString(
    `HostName=${hub.host};SharedAccessKeyName=${keyName};SharedAccessKey=${primaryKey}`,
  );
  // The SDK has no option for an agent.
  const inside = registry as unknown as { _restApiClient: { setOptions(options: unknown): void } };
  inside._restApiClient.setOptions({ http: { agent: hub.agent() } });
  return registry;
}

export const named = (policies: Policy[], name: string) => policies.find(({ keyName }) => keyName === name)!;
