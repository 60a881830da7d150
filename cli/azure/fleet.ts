import { IotHubClient } from "@azure/arm-iothub";
import { createStorageManagement } from "@azure/arm-storage/api";
import { TableClient } from "@azure/data-tables";
import type { Audit } from "../audit-log/audit.ts";
import { openAudit } from "../audit-log/open-audit.ts";
import { FilesAccount } from "../file-exchange/files-account.ts";
import { Offers } from "../file-exchange/offers/offers.ts";
import { OperatorError } from "../lib/operator-error.ts";
import { quote } from "../lib/quote.ts";
import type { ImportAccount } from "../onboarding/stored-imports.ts";
import { AccountKeys } from "../signing-keys/account-keys.ts";
import { count, t } from "../words/translate.ts";
import { explained, type Permission } from "./explain-error.ts";
import { Customers } from "./flow-api/customers.ts";
import { FlowKeys } from "./flow-api/flow-keys.ts";
import { clientOptions } from "./http.ts";
import { HubLogs } from "./hub-logs.ts";
import { HubClient } from "./iot-hub/hub-client.ts";
import { ImportJobs } from "./iot-hub/import-jobs.ts";
import {
  type HubSize,
  Pacer,
  queriesPerMinute,
  registryOperationsPerMinute,
  twinReadsPerMinute,
  twinUpdatesPerMinute,
} from "./iot-hub/pacing.ts";
import { Registry } from "./iot-hub/registry.ts";
import { Twins } from "./iot-hub/twins.ts";
import type { NetworkSettings } from "./network.ts";
import { parseResourceId } from "./resource-id.ts";
import type { SignIn } from "./sign-in.ts";
import type { StackOutputs } from "./stack-outputs.ts";

/** Clients for all services of a deployed stack, for one signed-in operator. */
export interface Fleet {
  outputs: StackOutputs;
  /** How all clients reach Azure. */
  network: NetworkSettings;
  hubSize: HubSize;
  /** Throttle of the IoT Hub's registry, in operations a minute. */
  registryOperationsPerMinute: number;
  registry: Registry;
  twins: Twins;
  importJobs: ImportJobs;
  /** The IoT Hub's logs. */
  hubLogs: HubLogs;
  /** The storage account of the import jobs. Their input holds device keys. */
  imports: ImportAccount;
  files: FilesAccount;
  offers: Offers;
  flowKeys: FlowKeys;
  customers: Customers;
  /** Records every change. */
  audit: Audit;
}

/** Options of `connect`. */
export interface ConnectOptions {
  /** How every client reaches Azure, also clients that are created later. */
  network: NetworkSettings;
  /** Aborting it ends the waits of the IoT Hub's pacing. */
  signal?: AbortSignal;
  /** Receives, in words, failures that do not stop the work, and reasons of long waits; default none. */
  onTrouble?: (message: string) => void;
  /**
   * Whether the work begins without the IoT Hub's size when the Resource Manager does not return it in 10 seconds; default
   * false. The pace is then that of one unit of S1, the slowest of the tiers, until the IoT Hub accepts more.
   */
  isHubSizeOptional?: boolean;
}

/** The size that is assumed when the IoT Hub's own cannot be read. */
const assumedHubSize: HubSize = { tier: "S1", units: 1 };
/** Maximum wait in milliseconds for the IoT Hub's size when it is optional. */
const hubSizeWaitMs = 10_000;

/**
 * Reads the tier and units of the IoT Hub, and creates a client for each service. No other call is made.
 * @throws OperatorError when the sign-in fails, or the IoT Hub cannot be read.
 */
export async function connect(
  outputs: StackOutputs,
  who: SignIn,
  { network, signal, onTrouble = () => {}, isHubSizeOptional = false }: ConnectOptions,
): Promise<Fleet> {
  const withOperator = (permission: Omit<Permission, "group" | "caller">): Permission => ({
    ...permission,
    group: outputs.operatorsGroupName,
    caller: who.caller(),
  });
  const { credential } = who;
  const { subscriptionId } = outputs;
  const azure = clientOptions(network);

  const readingSize = readHubSize(
    new IotHubClient(credential, subscriptionId, azure),
    outputs,
    () => withOperator({ role: "Reader", scope: outputs.hubResourceId }),
    isHubSizeOptional ? AbortSignal.timeout(hubSizeWaitMs) : undefined,
  );
  const hubSize = await readingSize.catch(async (error) => {
    if (!isHubSizeOptional || !(await hasToken(credential))) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    onTrouble(t`${reason}. The work begins at the throttle of ${describeSize(assumedHubSize)}.`);
    return assumedHubSize;
  });
  const perMinute = registryOperationsPerMinute(hubSize);
  const hub = new HubClient({
    hostName: outputs.hubHostName,
    credential,
    network,
    pacer: new Pacer({ perMinute, signal }),
    queryPacer: new Pacer({ perMinute: queriesPerMinute(hubSize), signal }),
    twinPacers: {
      reads: new Pacer({ perMinute: twinReadsPerMinute(hubSize), signal }),
      updates: new Pacer({ perMinute: twinUpdatesPerMinute(hubSize), signal }),
    },
    signal,
    permission: (path) => withOperator({ ...permissionFor(path), scope: outputs.hubResourceId }),
  });
  const table = new TableClient(
    outputs.flowKeysTableEndpoint.replace(/\/$/, ""),
    outputs.flowKeysTableName,
    credential,
    azure,
  );
  const storage = createStorageManagement(credential, subscriptionId, azure);
  const blobAccount = (accountId: string, endpoint: string) =>
    new FilesAccount(
      new AccountKeys(storage, accountId, () =>
        withOperator({ role: "Storage Account Key Operator Service Role", scope: accountId }),
      ),
      endpoint,
      network,
      undefined,
      { onWait: onTrouble, signal },
    );
  const tableAccount = new URL(outputs.flowKeysTableEndpoint).hostname.split(".")[0] as string;
  return {
    outputs,
    network,
    hubSize,
    registryOperationsPerMinute: perMinute,
    registry: new Registry(hub),
    twins: new Twins(hub),
    importJobs: new ImportJobs(hub),
    hubLogs: new HubLogs({
      hubResourceId: outputs.hubResourceId,
      credential,
      network,
      permission: () => withOperator({ role: "Reader", scope: outputs.hubResourceId }),
    }),
    imports: blobAccount(outputs.importsAccountResourceId, outputs.importsBlobEndpoint),
    files: blobAccount(outputs.filesAccountResourceId, outputs.filesBlobEndpoint),
    offers: new Offers(hub),
    flowKeys: new FlowKeys(table, () =>
      withOperator({
        role: "Storage Table Data Contributor",
        scope: tableAccount,
        scopeCommand: `az storage account show --name ${quote(tableAccount, "ACCOUNT")} --query id --output tsv`,
      }),
    ),
    customers: new Customers(
      // Of the Azure SDKs this one takes the longest to load, and few commands use it.
      async () => {
        const { ApiManagementClient } = await import("@azure/arm-apimanagement");
        return new ApiManagementClient(credential, subscriptionId, azure);
      },
      outputs.flowApiResourceId,
      () =>
        withOperator({
          actions: "Microsoft.ApiManagement/service/subscriptions/*",
          scope: outputs.flowApiResourceId.replace(/\/apis\/[^/]+$/, ""),
        }),
    ),
    audit: openAudit(outputs, who, { network, onTrouble }),
  };
}

/** The permission for a path of the IoT Hub. For import jobs no built-in role exists that is narrow enough. */
function permissionFor(path: string): { role: string } | { actions: string } {
  if (path.startsWith("/jobs")) return { actions: "Microsoft.Devices/IotHubs/jobs/*" };
  const isTwinPath = /^\/(twins|devices\/query)/.test(path);
  return { role: isTwinPath ? "IoT Hub Twin Contributor" : "IoT Hub Registry Contributor" };
}

/** @throws OperatorError when the IoT Hub cannot be read, or `abortSignal` is aborted. */
async function readHubSize(
  client: IotHubClient,
  outputs: StackOutputs,
  permission: () => Permission,
  abortSignal: AbortSignal | undefined,
): Promise<HubSize> {
  const { resourceGroup, names } = parseResourceId(outputs.hubResourceId);
  const doing = t`reading the IoT Hub ${names[0] ?? ""}`;
  const unusable = (what: string) =>
    new OperatorError("unreachable", t`${doing}: ${what}`, { remedy: t`Run this again.` });
  let size: { name?: string; capacity?: number } | undefined;
  try {
    const reading = client.iotHubResource.get(resourceGroup, names[0] as string, { abortSignal });
    ({ sku: size } = await explained(reading, doing, permission));
  } catch (error) {
    if (abortSignal?.aborted) throw unusable(t`no answer in ${hubSizeWaitMs / 1000} seconds`);
    throw error;
  }
  if (typeof size?.name !== "string") throw unusable(t`the answer holds no tier`);
  return { tier: size.name, units: size.capacity ?? 1 };
}

/** Whether the operator is signed in: a token can be had for the IoT Hub, if not for the Resource Manager. */
async function hasToken(credential: SignIn["credential"]): Promise<boolean> {
  return credential.getToken("https://iothubs.azure.net/.default").then(Boolean, () => false);
}

function describeSize({ tier, units }: HubSize): string {
  return t`${tier} with ${count(units, "unit")}`;
}
