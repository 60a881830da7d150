import { applySeed } from "../../sandbox/seed/apply-seed.ts";
import { readSeed } from "../../sandbox/seed/read-seed.ts";
import { grantRole } from "../../sandbox/services/authorization/grant-role.ts";
import { policyKeys } from "../../sandbox/services/iot-hub/policy-keys.ts";
import type { ClientShell } from "./client-shell.ts";

/**
 * Creates a hub whose data the shell's principal may write.
 * @returns The connection string of its policy iothubowner.
 */
export async function createHub({ sandbox }: ClientShell, name: string): Promise<string> {
  const { azure, principals } = sandbox;
  await applySeed(sandbox, readSeed(JSON.stringify({ hubs: [{ name }] }), "hub.yaml"));
  const hub = azure.resources.list("Microsoft.Devices/IotHubs").find((each) => each.name === name)!;
  grantRole(azure, principals.deployer.objectId, "IoT Hub Data Contributor", hub.id);
  const { primaryKey } = policyKeys(azure.store, hub.id, "iothubowner");
  return `HostName=${name}.azure-devices.net;SharedAccessKeyName=iothubowner;SharedAccessKey=${primaryKey}`;
}
