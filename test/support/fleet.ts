import { join } from "node:path";
import { ClientSecretCredential, type TokenCredential } from "@azure/identity";
import { connect, type Fleet } from "../../cli/azure/fleet.ts";
import { clientOptions } from "../../cli/azure/http.ts";
import type { NetworkSettings } from "../../cli/azure/network.ts";
import { type SignIn, SignInFailures, signInOptions, signInWith } from "../../cli/azure/sign-in.ts";
import type { StackOutputs } from "../../cli/azure/stack-outputs.ts";
import { Journal } from "../../cli/onboarding/journal.ts";
import type { AzureEnvironment } from "../../sandbox/core/azure-environment.ts";
import { addTestPrincipals } from "../../sandbox/entra-id/test-principals.ts";
import type { AzureProxy } from "../../sandbox/proxy/proxy.ts";
import type { Resource } from "../../sandbox/resource-manager/resources.ts";
import type { IotHub } from "../../sandbox/services/iot-hub/iot-hub.ts";
import type { Storage } from "../../sandbox/services/storage/storage.ts";
import { deployedProgram } from "./deployed-program.ts";
import { temporaryFolder } from "./folder.ts";
import type { TestClock } from "./test-clock.ts";
import { TestSandbox } from "./test-sandbox.ts";

/** The roles that the program gives to its operators: built-in ones by name, its own by the name's beginning. */
export type OperatorRole =
  | "IoT Hub Registry Contributor"
  | "IoT Hub Twin Contributor"
  | "Reader"
  | "Storage Account Key Operator Service Role"
  | "Storage Table Data Contributor"
  | typeof auditRole
  | typeof importRole
  | typeof flowKeysRole;

/** The program's own role for recording changes in the audit log. */
export const auditRole = "role-audit-recorder";
/** The program's own role for the hub's import jobs. */
export const importRole = "role-terminal-importer";
/** The program's own role for the customers' subscriptions of the Flow API. */
export const flowKeysRole = "role-flow-keys-operator";

export interface FleetOptions {
  /** Default S3, which allows 5,000 registry operations a minute; the program's dev stack declares S1. */
  tier?: string;
  /** Default 1. */
  units?: number;
  /** Whether the hub enforces its throttles and quotas; default false. */
  throttling?: boolean;
  /** Whether the Flow API's gateway runs, with the example Flow API behind it; default false. */
  gateway?: boolean;
  /** Time until a deleted container's name is free; default none. */
  containerDeletionMs?: number;
}

const assignments = "Microsoft.Authorization/roleAssignments";

/**
 * Starts a sandbox with the dev stack of the program in it, as the real engine deployed it, and with an operator who
 * has the rights that the program gives and no others. The Flow API's gateway runs if the options ask for it.
 */
export async function deployFleet(options: FleetOptions = {}): Promise<DeployedFleet> {
  const program = await deployedProgram();
  await using cleanUp = new AsyncDisposableStack();
  const folder = cleanUp.use(await temporaryFolder()).path;
  program.copySandbox(folder);
  const sandbox = cleanUp.use(
    await TestSandbox.start({
      folder,
      entraId: {},
      resourceManager: {},
      monitor: {},
      storage: { containerDeletionMs: options.containerDeletionMs ?? 0 },
      iotHub: { throttling: options.throttling ?? false, jobDelayMs: 100 },
      ...(options.gateway ? { apiManagement: {} } : {}),
    }),
  );
  const { resources } = sandbox.azure;
  const hub = resources.get(program.outputs.hubResourceId) as Resource;
  resources.put({ ...hub, sku: { ...hub.sku, name: options.tier ?? "S3", capacity: options.units ?? 1 } });
  return new DeployedFleet(sandbox, program.outputs, cleanUp.move());
}

/** The program's deployed services, and what a test changes in them. */
export class DeployedFleet implements AsyncDisposable {
  readonly sandbox: TestSandbox;
  readonly outputs: StackOutputs;
  /** What a process needs to work as an operator: sign-in, proxy and CA. */
  readonly env: Record<string, string>;
  /** The operator's object ID. */
  readonly operator: string;
  /** Host names of the services, for example for fault rules. */
  readonly hosts: Record<"hub" | "files" | "imports" | "audit" | "flow" | "flowKeys", string>;
  private readonly operatorSecret: { appId: string; secret: string };
  private readonly cleanUp: AsyncDisposableStack;

  constructor(sandbox: TestSandbox, outputs: StackOutputs, cleanUp: AsyncDisposableStack) {
    const { operator } = addTestPrincipals(sandbox.azure);
    this.sandbox = sandbox;
    this.outputs = outputs;
    this.cleanUp = cleanUp;
    this.operator = operator.objectId;
    this.hosts = {
      hub: outputs.hubHostName,
      files: new URL(outputs.filesBlobEndpoint).host,
      imports: new URL(outputs.importsBlobEndpoint).host,
      audit: new URL(outputs.auditContainerUrl).host,
      flow: new URL(outputs.flowUrl).host,
      flowKeys: new URL(outputs.flowKeysTableEndpoint).host,
    };
    this.operatorSecret = {
      appId: operator.appId,
      secret: sandbox.azure.directory.addSecret(operator.appId),
    };
    this.env = {
      AZURE_TENANT_ID: sandbox.azure.tenantId,
      AZURE_CLIENT_ID: operator.appId,
      AZURE_CLIENT_SECRET: this.operatorSecret.secret,
      HTTPS_PROXY: sandbox.proxy.url,
      NODE_EXTRA_CA_CERTS: sandbox.proxy.caFile,
      // Linux: audit records that could not be written wait here.
      XDG_DATA_HOME: join(sandbox.folder, "data"),
    };
  }

  get azure(): AzureEnvironment {
    return this.sandbox.azure;
  }

  get proxy(): AzureProxy {
    return this.sandbox.proxy;
  }

  /** How clients in this process reach the services: through `proxy`. */
  get network(): NetworkSettings {
    return this.sandbox.network;
  }

  get clock(): TestClock {
    return this.sandbox.clock;
  }

  get hub(): IotHub {
    return this.sandbox.iotHub;
  }

  get storage(): Storage {
    return this.sandbox.storage;
  }

  /** Opens one more proxy to the same services, with fault rules of its own. The caller closes it. */
  startAnotherProxy(): Promise<AzureProxy> {
    return this.sandbox.startAnotherProxy();
  }

  /** A credential in this process: the operator's, or another principal's. */
  credential(
    as: { appId: string; secret: string } = this.operatorSecret,
    network = this.network,
  ): TokenCredential {
    const { additionalPolicies } = clientOptions(network);
    return new ClientSecretCredential(this.outputs.tenantId, as.appId, as.secret, { additionalPolicies });
  }

  /** The operator's sign-in in this process, as `signIn` does it with the environment of a process. */
  signIn(network = this.network): SignIn {
    const failures = new SignInFailures();
    const { appId, secret } = this.operatorSecret;
    const options = signInOptions(network, failures);
    return signInWith(new ClientSecretCredential(this.outputs.tenantId, appId, secret, options), failures);
  }

  /** A connection of the operator in this process; default through `proxy`. */
  connect(network = this.network): Promise<Fleet> {
    return connect(this.outputs, signInWith(this.credential(this.operatorSecret, network)), { network });
  }

  /**
   * Takes a role away from the operators' group, at every scope.
   * @returns A function that restores it.
   */
  withdraw(role: OperatorRole): () => void {
    const { access, resources } = this.azure;
    const hasRole = ({ properties }: Resource) => {
      const { name } = access.definition(properties.roleDefinitionId as string) ?? {};
      return name === role || name?.startsWith(`${role}-`);
    };
    const held = this.operatorAssignments().filter(hasRole);
    if (held.length === 0) throw new Error(`The program gives its operators no role ${role}.`);
    for (const { id } of held) resources.delete(id);
    return () => {
      for (const assignment of held) resources.put(assignment);
    };
  }

  /** Path of the journal that onboarding keeps of a batch file. */
  journalOf(batch: string): string {
    return Journal.pathFor(batch, this.outputs.hubHostName);
  }

  /**
   * Declares one more container for an audit log, with the settings and the role of the program's own.
   * @returns Its URL.
   */
  auditContainer(name: string): string {
    const { resources } = this.azure;
    const original = this.auditContainerId(this.outputs.auditContainerUrl);
    const url = this.outputs.auditContainerUrl.replace(/[^/]+$/, name);
    const copy = this.auditContainerId(url);
    for (const resource of [resources.get(original) as Resource, ...resources.below(original)]) {
      const text = JSON.stringify(resource).replaceAll(original, copy);
      const { name: resourceName, ...rest } = JSON.parse(text) as Resource;
      resources.put({ ...rest, name: rest.id === copy ? name : resourceName });
    }
    return url;
  }

  /** Resource ID of a container of the audit log's account, by its URL. */
  auditContainerId(url: string): string {
    const [account = ""] = this.hosts.audit.split(".");
    const { id } = this.azure.resources.named("Microsoft.Storage/storageAccounts", account) as Resource;
    return `${id}/blobServices/default/containers/${url.slice(url.lastIndexOf("/") + 1)}`;
  }

  /** The role assignments of the group that the operator is a member of. */
  private operatorAssignments(): Resource[] {
    const { directory, resources } = this.azure;
    const group = directory.findGroup(this.outputs.operatorsGroupName);
    return resources.list(assignments).filter(({ properties }) => properties.principalId === group?.objectId);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.cleanUp.disposeAsync();
  }
}
