import { accountsHolding, dependsOn, resourcesOfType } from "../../azure/engine/resource-queries.ts";
import type { DeclaredResource, StackRule } from "../../azure/engine/rule.ts";
import { microsoftLearn, verifiedModule } from "../../azure/engine/sources.ts";
import { types } from "../../azure/engine/type-tokens.ts";
import { listItems, valueAt } from "../../azure/engine/value.ts";

export const iotHubOutboundImportAccount: StackRule = {
  id: "iot-hub-outbound-import-account",
  severity: "high",
  description: "The only host that the IoT Hub connects to is the storage account of import jobs.",
  reason: "Import jobs read and write device keys, so they must not reach an account outside the stack.",
  remedy: "Let allowedFqdnList have one entry: the blob host from the outputs of the import account.",
  sources: [
    microsoftLearn("Import and export device identities", "azure/iot-hub/iot-hub-bulk-identity-mgmt"),
    verifiedModule("devices/iot-hub"),
  ],
  checkStack: (resources) =>
    resourcesOfType(resources, types.iotHub).flatMap((resource) =>
      describeOtherHosts(resources, resource).map((problem) => ({ resource, problem })),
    ),
};

function describeOtherHosts(resources: DeclaredResource[], iotHub: DeclaredResource): string[] {
  // A stack without an account for import jobs uses the files account.
  const importAccounts = accountsHolding(resources, "device-imports");
  const accounts = importAccounts.length > 0 ? importAccounts : accountsHolding(resources, "files");
  const allowedHosts = accounts.map(
    ({ properties }) => `${String(valueAt(properties, "accountName"))}.blob.core.windows.net`,
  );
  const hosts = listItems(valueAt(iotHub.properties, "properties.allowedFqdnList"));
  const otherHosts = hosts.filter((host) => typeof host === "string" && !allowedHosts.includes(host));
  if (otherHosts.length > 0) {
    return otherHosts.map(
      (host) =>
        `properties.allowedFqdnList has ${String(host)}; it must have only ${allowedHosts.join(", ")}.`,
    );
  }
  // A preview may not know the hosts. Then the dependencies show the account that they come from.
  const isKnown = hosts.length > 0 && hosts.every((host) => typeof host === "string");
  return isKnown || dependsOn(iotHub, "properties", accounts)
    ? []
    : ["properties.allowedFqdnList does not come from the stack's account for import jobs."];
}
