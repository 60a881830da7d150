import { randomUUID } from "node:crypto";
import { join } from "node:path";
import type { NetworkSettings } from "../../cli/azure/network.ts";
import { type AzureEnvironment, openAzureEnvironment } from "../../sandbox/core/azure-environment.ts";
import type { Principal } from "../../sandbox/entra-id/directory.ts";
import type { TokenEndpointOptions } from "../../sandbox/entra-id/token-endpoint.ts";
import { type AzureProxy, startProxy } from "../../sandbox/proxy/proxy.ts";
import type { ServiceEndpoint } from "../../sandbox/proxy/service-endpoint.ts";
import type { Resource } from "../../sandbox/resource-manager/resources.ts";
import type {
  ApiManagement,
  ApiManagementOptions,
} from "../../sandbox/services/api-management/api-management.ts";
import type {
  ExampleFlowApi,
  ExampleFlowApiOptions,
} from "../../sandbox/services/api-management/example-flow-api.ts";
import { builtInRoles } from "../../sandbox/services/authorization/roles.ts";
import type { IotHub, IotHubOptions } from "../../sandbox/services/iot-hub/iot-hub.ts";
import { AccountKeys } from "../../sandbox/services/storage/authentication/account-keys.ts";
import type { Storage, StorageOptions } from "../../sandbox/services/storage/storage.ts";
import { temporaryFolder } from "./folder.ts";
import { TestClock } from "./test-clock.ts";
import { trust } from "./trust.ts";

/** The services that a test may start, each with its options. A service that is left out does not start. */
export interface TestSandboxServices {
  /** login.microsoftonline.com */
  entraId?: TokenEndpointOptions;
  /** management.azure.com */
  resourceManager?: object;
  /** Blob and table endpoints; starting them takes about a second. The name of a deleted container is free at once. */
  storage?: StorageOptions;
  /** The hubs' endpoints; throttling is off unless an option turns it on. */
  iotHub?: IotHubOptions;
  /** The Log Analytics query API. */
  monitor?: object;
  /** The gateways, with the example Flow API as a backend. */
  apiManagement?: ExampleFlowApiOptions & Pick<ApiManagementOptions, "subscriptionCacheSeconds">;
}

export interface TestSandboxOptions extends TestSandboxServices {
  /** Folder of the sandbox's files, which stays; default a temporary one, which is deleted at the end. */
  folder?: string;
}

/** One role at one scope: the name or the GUID of a built-in role, or the resource ID of a role definition. */
export interface Grant {
  role: string;
  /** Resource ID; default the whole subscription. */
  scope?: string;
}

/**
 * A sandbox in the test's own process, with the services that the test needs and nothing else: one subscription
 * behind one proxy, whose certificate authority this process trusts.
 */
export class TestSandbox implements AsyncDisposable {
  readonly folder: string;
  readonly clock: TestClock;
  readonly azure: AzureEnvironment;
  readonly proxy: AzureProxy;
  /** The service endpoints behind the proxy; a test may add its own. */
  readonly endpoints: ServiceEndpoint[];
  /** The sandbox's log, a line each. */
  readonly log: string[];
  /** How clients of the command line reach the services: through the proxy. */
  readonly network: NetworkSettings;
  private readonly started: Started;
  private readonly cleanUp: AsyncDisposableStack;

  private constructor(parts: {
    folder: string;
    clock: TestClock;
    azure: AzureEnvironment;
    proxy: AzureProxy;
    endpoints: ServiceEndpoint[];
    log: string[];
    started: Started;
    cleanUp: AsyncDisposableStack;
  }) {
    this.folder = parts.folder;
    this.clock = parts.clock;
    this.azure = parts.azure;
    this.proxy = parts.proxy;
    this.network = { proxyUrl: parts.proxy.url, ca: parts.proxy.ca };
    this.endpoints = parts.endpoints;
    this.log = parts.log;
    this.started = parts.started;
    this.cleanUp = parts.cleanUp;
  }

  static async start(options: TestSandboxOptions): Promise<TestSandbox> {
    await using cleanUp = new AsyncDisposableStack();
    const folder = options.folder ?? cleanUp.use(await temporaryFolder()).path;
    const clock = new TestClock();
    const log: string[] = [];
    const azure = await openAzureEnvironment({
      file: join(folder, "state.sqlite"),
      clock,
      log: (line) => log.push(line),
    });
    cleanUp.defer(() => azure.store.close());
    const started = await startServices(azure, folder, options, () => proxy);
    for (const close of started.close) cleanUp.defer(close);
    const endpoints = [...started.endpoints];
    const proxy = await startProxy(azure, { dir: join(folder, "proxy"), port: 0, endpoints });
    cleanUp.defer(() => proxy.close());
    trust(proxy.ca);
    return new TestSandbox({
      folder,
      clock,
      azure,
      proxy,
      endpoints,
      log,
      started,
      cleanUp: cleanUp.move(),
    });
  }

  get iotHub(): IotHub {
    return this.started.iotHub ?? notStarted("iotHub");
  }

  get storage(): Storage {
    return this.started.storage ?? notStarted("storage");
  }

  get apiManagement(): ApiManagement {
    return this.started.apiManagement ?? notStarted("apiManagement");
  }

  get flowApi(): ExampleFlowApi {
    return this.started.flowApi ?? notStarted("apiManagement");
  }

  get accountKeys(): AccountKeys {
    return this.started.accountKeys;
  }

  /** The proxy as an option of the official clients. */
  get proxyOptions(): { host: string; port: number } {
    const { protocol, hostname, port } = new URL(this.proxy.url);
    return { host: `${protocol}//${hostname}`, port: Number(port) };
  }

  /** Opens one more proxy to the same services, with fault rules of its own. The caller closes it. */
  startAnotherProxy(): Promise<AzureProxy> {
    return startProxy(this.azure, { dir: join(this.folder, "proxy"), port: 0, endpoints: this.endpoints });
  }

  /**
   * Opens a proxy whose certificates come from an authority of its own, as TLS inspection does. The caller closes it.
   * @param folder Name of the authority's folder.
   * @param endpoints What is behind it; default the services of this sandbox.
   */
  startInspectingProxy(folder: string, endpoints = this.endpoints): Promise<AzureProxy> {
    return startProxy(this.azure, { dir: join(this.folder, folder), port: 0, endpoints });
  }

  /** Creates a service principal with a client secret, which has these roles and no other right. */
  principal(...grants: Grant[]): TestPrincipal {
    const { objectId, appId, secret } = this.azure.directory.addServicePrincipal("example");
    for (const grant of grants) this.assign(objectId, grant);
    return new TestPrincipal(this.azure, { objectId, appId, secret });
  }

  /** Stores a role assignment. */
  assign(
    principalId: string,
    { role, scope = `/subscriptions/${this.azure.subscriptionId}` }: Grant,
  ): Resource {
    const name = randomUUID();
    const builtIn = builtInRoles.find((each) => each.name === role || each.guid === role);
    const definitions = `/subscriptions/${this.azure.subscriptionId}/providers/Microsoft.Authorization/roleDefinitions`;
    const assignment = {
      id: `${scope}/providers/Microsoft.Authorization/roleAssignments/${name}`,
      type: "Microsoft.Authorization/roleAssignments",
      name,
      properties: {
        principalId,
        scope,
        roleDefinitionId: role.startsWith("/") ? role : `${definitions}/${builtIn?.guid ?? role}`,
      },
    };
    this.azure.resources.put(assignment);
    return assignment;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.cleanUp.disposeAsync();
  }
}

/** A service principal of a test sandbox, as a credential for the official clients. */
export class TestPrincipal implements Principal {
  readonly kind = "ServicePrincipal";
  readonly displayName = "example";
  readonly objectId: string;
  readonly appId: string;
  readonly secret: string;
  private readonly azure: AzureEnvironment;

  constructor(azure: AzureEnvironment, parts: { objectId: string; appId: string; secret: string }) {
    this.azure = azure;
    this.objectId = parts.objectId;
    this.appId = parts.appId;
    this.secret = parts.secret;
  }

  /** This principal, for code that takes a credential apart from its principal. */
  get credential(): this {
    return this;
  }

  /** The shape of @azure/core-auth's TokenCredential; the scope is an audience with or without /.default. */
  async getToken(scope: string | string[]): Promise<{ token: string; expiresOnTimestamp: number }> {
    const audience = String(scope).replace(/\/\.default$/, "");
    const { token, expiresIn } = await this.azure.tokens.issue(this, audience);
    return { token, expiresOnTimestamp: Date.now() + expiresIn * 1000 };
  }
}

interface Started {
  endpoints: ServiceEndpoint[];
  /** In the order of the start. */
  close: (() => void | Promise<void>)[];
  accountKeys: AccountKeys;
  storage?: Storage;
  iotHub?: IotHub;
  apiManagement?: ApiManagement;
  flowApi?: ExampleFlowApi;
}

/** Imports and starts each service that the options name: a test loads no service that it does not start. */
async function startServices(
  azure: AzureEnvironment,
  folder: string,
  options: TestSandboxServices,
  proxy: () => AzureProxy,
): Promise<Started> {
  const started: Partial<Started> & Pick<Started, "endpoints" | "close"> = { endpoints: [], close: [] };
  const serve = (endpoint: ServiceEndpoint, close?: () => void | Promise<void>) => {
    started.endpoints.push(endpoint);
    if (close) started.close.push(close);
  };
  if (options.storage) {
    const { startStorage } = await import("../../sandbox/services/storage/storage.ts");
    const storage = await startStorage(azure, join(folder, "azurite"), {
      containerDeletionMs: 0,
      ...options.storage,
    });
    started.storage = storage;
    serve(storage.endpoint, () => storage.close());
  }
  const accountKeys = started.storage?.accountKeys ?? new AccountKeys(azure);
  if (options.monitor) {
    const { createLogQueryEndpoint } = await import("../../sandbox/services/monitor/log-query-endpoint.ts");
    serve(createLogQueryEndpoint(azure));
  }
  if (options.entraId) {
    const { createTokenEndpoint } = await import("../../sandbox/entra-id/token-endpoint.ts");
    serve(createTokenEndpoint(azure, options.entraId));
  }
  if (options.resourceManager) {
    const { createResourceManagerEndpoint } = await import(
      "../../sandbox/resource-manager/rest-api/endpoint.ts"
    );
    serve(createResourceManagerEndpoint(azure, accountKeys));
  }
  if (options.iotHub) {
    const { createIotHub } = await import("../../sandbox/services/iot-hub/iot-hub.ts");
    const iotHub = createIotHub(azure, {
      throttling: false,
      faults: () => proxy().faults,
      outbound: () => ({ proxyUrl: proxy().url, ca: proxy().ca }),
      ...options.iotHub,
    });
    started.iotHub = iotHub;
    serve(iotHub.endpoint, () => iotHub.close());
    serve(iotHub.eventsEndpoint);
  }
  if (options.apiManagement) {
    const [{ createApiManagement }, { createExampleFlowApi }] = await Promise.all([
      import("../../sandbox/services/api-management/api-management.ts"),
      import("../../sandbox/services/api-management/example-flow-api.ts"),
    ]);
    const gateway = createApiManagement(azure, {
      proxyUrl: () => proxy().url,
      ca: () => proxy().ca,
      subscriptionCacheSeconds: options.apiManagement.subscriptionCacheSeconds,
    });
    started.apiManagement = gateway;
    serve(gateway.endpoint, () => gateway.close());
    started.flowApi = createExampleFlowApi(options.apiManagement);
    serve(started.flowApi.endpoint);
  }
  return { ...started, accountKeys };
}

function notStarted(service: keyof TestSandboxServices): never {
  throw new Error(`This test's sandbox was started without the service ${service}.`);
}
