import { ApiManagementClient } from "@azure/arm-apimanagement";
import { IotHubClient } from "@azure/arm-iothub";
import { StorageManagementClient } from "@azure/arm-storage";
import { TableClient } from "@azure/data-tables";
import type { Audit } from "../audit-log/audit.ts";
import { openAudit } from "../audit-log/open-audit.ts";
import { FilesAccount } from "../file-exchange/files-account.ts";
import { Offers } from "../file-exchange/offers/offers.ts";
import { explained, type Permission } from "../lib/errors.ts";
import type { ImportAccount } from "../onboarding/device-file.ts";
import { AccountKeys } from "../signing-keys/account-keys.ts";
import { Customers } from "./flow-api/customers.ts";
import { FlowKeys } from "./flow-api/flow-keys.ts";
import { clientOptions } from "./http.ts";
import { HubClient } from "./iot-hub/hub-client.ts";
import { ImportJobs } from "./iot-hub/import-jobs.ts";
import { type HubSize, Pacer, queriesPerMinute, registryOperationsPerMinute } from "./iot-hub/pacing.ts";
import { Registry } from "./iot-hub/registry.ts";
import { Twins } from "./iot-hub/twins.ts";
import type { NetworkSettings } from "./network.ts";
import { parseResourceId } from "./resource-id.ts";
import type { SignIn } from "./sign-in.ts";
import type { StackOutputs } from "./stack-outputs.ts";

/** The deployed services that terminals are onboarded to, as one signed-in operator reaches them. */
export interface Fleet {
  outputs: StackOutputs;
  /** How all clients reach Azure. */
  network: NetworkSettings;
  hubSize: HubSize;
  /** Registry operations a minute that the hub's tier takes. */
  registryOperationsPerMinute: number;
  registry: Registry;
  twins: Twins;
  importJobs: ImportJobs;
  /** Where import jobs find the keys of the terminals that they make. */
  imports: ImportAccount;
  files: FilesAccount;
  offers: Offers;
  flowKeys: FlowKeys;
  customers: Customers;
  /** Where every change is recorded. */
  audit: Audit;
}

/**
 * Reads the hub's tier and units, and makes a client for each service. Nothing else is asked of a service yet.
 * @param options.network How every client reaches Azure, also those that are created later.
 * @param options.signal Aborting it ends the waiting for the hub's pace.
 * @param options.onTrouble Told, in words, what did not work and did not stop the work; default nobody.
 * @throws OperatorError when the sign-in fails, or the hub cannot be read.
 */
export async function connect(
  outputs: StackOutputs,
  who: SignIn,
  options: { network: NetworkSettings; signal?: AbortSignal; onTrouble?: (message: string) => void },
): Promise<Fleet> {
  const needs = (permission: Omit<Permission, "group" | "caller">): Permission => ({
    ...permission,
    group: outputs.operatorsGroupName,
    caller: who.caller(),
  });
  const { credential } = who;
  const { subscriptionId } = outputs;
  const { network } = options;
  const azure = clientOptions(network);

  const hubSize = await readHubSize(new IotHubClient(credential, subscriptionId, azure), outputs, () =>
    needs({ role: "Reader", scope: outputs.hubResourceId }),
  );
  const perMinute = registryOperationsPerMinute(hubSize);
  const hub = new HubClient({
    hostName: outputs.hubHostName,
    credential,
    network,
    pacer: new Pacer({ perMinute, signal: options.signal }),
    queryPacer: new Pacer({ perMinute: queriesPerMinute(hubSize), signal: options.signal }),
    permission: (path) => needs({ ...rightFor(path), scope: outputs.hubResourceId }),
  });
  const table = new TableClient(
    outputs.flowKeysTableEndpoint.replace(/\/$/, ""),
    outputs.flowKeysTableName,
    credential,
    azure,
  );
  const storage = new StorageManagementClient(credential, subscriptionId, azure);
  const blobs = (accountId: string, endpoint: string) =>
    new FilesAccount(
      new AccountKeys(storage, accountId, () =>
        needs({ role: "Storage Account Key Operator Service Role", scope: accountId }),
      ),
      endpoint,
      network,
    );
  const tableAccount = new URL(outputs.flowKeysTableEndpoint).hostname.split(".")[0];
  return {
    outputs,
    network,
    hubSize,
    registryOperationsPerMinute: perMinute,
    registry: new Registry(hub),
    twins: new Twins(hub),
    importJobs: new ImportJobs(hub),
    imports: blobs(outputs.importsAccountResourceId, outputs.importsBlobEndpoint),
    files: blobs(outputs.filesAccountResourceId, outputs.filesBlobEndpoint),
    offers: new Offers(hub),
    flowKeys: new FlowKeys(table, () =>
      needs({
        role: "Storage Table Data Contributor",
        scope: `$(az storage account show --name ${tableAccount} --query id --output tsv)`,
      }),
    ),
    customers: new Customers(
      new ApiManagementClient(credential, subscriptionId, azure),
      outputs.flowApiResourceId,
      () =>
        needs({
          actions: "Microsoft.ApiManagement/service/subscriptions/*",
          scope: outputs.flowApiResourceId.replace(/\/apis\/[^/]+$/, ""),
        }),
    ),
    audit: openAudit(outputs, who, { network, onTrouble: options.onTrouble ?? (() => {}) }),
  };
}

/** The right that a call to a path of the hub needs. No built-in role allows import jobs and little else. */
function rightFor(path: string): { role: string } | { actions: string } {
  if (path.startsWith("/jobs")) return { actions: "Microsoft.Devices/IotHubs/jobs/*" };
  return {
    role: /^\/(twins|devices\/query)/.test(path)
      ? "IoT Hub Twin Contributor"
      : "IoT Hub Registry Contributor",
  };
}

async function readHubSize(
  client: IotHubClient,
  outputs: StackOutputs,
  permission: () => Permission,
): Promise<HubSize> {
  const { resourceGroup, names } = parseResourceId(outputs.hubResourceId);
  const reading = client.iotHubResource.get(resourceGroup, names[0] as string);
  const { sku } = await explained(reading, `reading the IoT Hub ${names[0]}`, permission);
  return { tier: sku.name, units: sku.capacity ?? 1 };
}
