import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { createGraphEndpoint } from "../entra-id/graph-endpoint.ts";
import { addTestPrincipals, type TestPrincipal } from "../entra-id/test-principals.ts";
import { createTokenEndpoint } from "../entra-id/token-endpoint.ts";
import { startProxy } from "../proxy/proxy.ts";
import { startProviders } from "../pulumi-providers/providers.ts";
import { createResourceManagerEndpoint } from "../resource-manager/rest-api/endpoint.ts";
import { createApiManagement } from "../services/api-management/api-management.ts";
import { createExampleFlowApi } from "../services/api-management/example-flow-api.ts";
import {
  gatewayTokenCheck,
  registerExampleFlowApi,
} from "../services/api-management/example-flow-application.ts";
import { createIotHub, type IotHubDelays } from "../services/iot-hub/iot-hub.ts";
import { evaluateAlerts } from "../services/monitor/alerts.ts";
import { createLogQueryEndpoint } from "../services/monitor/log-query-endpoint.ts";
import { MonitorData } from "../services/monitor/monitor-data.ts";
import { startStorage } from "../services/storage/storage.ts";
import { type AzureEnvironment, openAzureEnvironment } from "./azure-environment.ts";
import { MovableClock } from "./clock.ts";
import { lockFolder } from "./folder-lock.ts";
import { findNewestStack } from "./newest-stack.ts";
import { makePrivateFolder } from "./private-folder.ts";
import { bindStablePort } from "./stable-port.ts";

/** Ports of an earlier start on 127.0.0.1. */
export interface StablePorts {
  proxy?: number;
  /** By provider name. */
  providers?: Record<string, number>;
}

export interface SandboxOptions {
  /**
   * The folder of all state. It is created when missing, and only this user can read it. One sandbox at a time can use
   * the folder.
   */
  dir: string;
  /** The port of the CONNECT proxy on 127.0.0.1; default: see `stablePorts`. */
  port?: number;
  /**
   * Binds ports that a later start can bind again, the given ports of an earlier start first; default: the system
   * chooses free ports.
   */
  stablePorts?: StablePorts;
  /** Whether the IoT Hub enforces its throttles and quotas; default true. */
  throttling?: boolean;
  /** The delays of the IoT Hub; default as in Azure. Tests that are not about slowness set small values. */
  hubDelays?: IotHubDelays;
  /** Receives each line of the log; default: the lines are dropped. */
  log?: (line: string) => void;
}

export type Sandbox = Awaited<ReturnType<typeof startSandbox>>;

/**
 * Starts Azure on this computer: one subscription, its services behind one proxy, and the Pulumi providers.
 * @throws FolderInUse when another process uses the folder; an error with the code EADDRINUSE when another program uses
 *   the port in `options.port`.
 */
export async function startSandbox(options: SandboxOptions) {
  makePrivateFolder(options.dir);
  const clock = new MovableClock();
  const log = options.log ?? (() => {});
  const started: { close(): unknown }[] = [{ close: lockFolder(options.dir) }];
  const closeAll = async () => {
    for (const part of started.splice(0).reverse()) await part.close();
  };
  try {
    const azure = await openAzureEnvironment({ file: join(options.dir, "state.sqlite"), clock, log });
    started.push({ close: () => azure.store.close() });
    clock.persistIn(azure.store);
    const principals = addTestPrincipals(azure);
    registerExampleFlowApi(azure);
    const storage = await startStorage(azure, join(options.dir, "azurite"));
    started.push(storage);
    const hub = createIotHub(azure, {
      throttling: options.throttling ?? true,
      ...options.hubDelays,
      outbound: () => ({ proxyUrl: proxy.url, ca: proxy.ca }),
      faults: () => proxy.faults,
    });
    started.push(hub);
    const flowApi = createExampleFlowApi({ isFromGateway: gatewayTokenCheck(azure) });
    const gateway = createApiManagement(azure, { proxyUrl: () => proxy.url, ca: () => proxy.ca });
    started.push(gateway);
    const resourceManager = createResourceManagerEndpoint(azure, storage.accountKeys);
    const endpoints = [
      createTokenEndpoint(azure),
      createGraphEndpoint(azure),
      resourceManager,
      storage.endpoint,
      hub.endpoint,
      hub.eventsEndpoint,
      gateway.endpoint,
      flowApi.endpoint,
      createLogQueryEndpoint(azure),
    ];
    const monitor = new MonitorData(azure);
    const { port, stablePorts } = options;
    const bind = <Bound>(preferred: number | undefined, bindPort: (port: number) => Promise<Bound>) =>
      stablePorts ? bindStablePort(preferred, bindPort) : bindPort(0);
    const openProxy = (at: number) =>
      startProxy(azure, { dir: join(options.dir, "proxy"), port: at, endpoints });
    const proxy = await (port === undefined ? bind(stablePorts?.proxy, openProxy) : openProxy(port));
    started.push(proxy);
    const providers = await startProviders(azure, principals.deployer, (name, bindPort) =>
      bind(stablePorts?.providers?.[name], bindPort),
    );
    started.push(providers);
    return {
      azure,
      clock,
      proxy,
      resourceManager,
      hub,
      storage,
      gateway,
      flowApi,
      /** Evaluates the declared alerts now. */
      evaluateAlerts: () => evaluateAlerts(azure, monitor),
      providers,
      principals,
      close: closeAll,
      dir: options.dir,
    };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

/** How the variables of a shell differ from the usual ones. */
export interface EnvironmentOptions {
  /**
   * Default false. True: Pulumi starts its own azure-native provider, which calls Azure Resource Manager of the sandbox
   * over REST. The providers azuread and random stay those of the sandbox.
   */
  realProviders?: boolean;
}

/**
 * The environment variables that direct a shell or a child process to the sandbox. Each call creates a new client
 * secret; the sandbox stores its hash only.
 * @param as The principal that signs in. "deployer" owns the subscription and, like every owner, has no access to
 *   data. "operator" has the roles of the groups of which it is a member.
 */
export function sandboxEnvironment(
  sandbox: Sandbox,
  as: keyof Sandbox["principals"],
  { realProviders = false }: EnvironmentOptions = {},
): Record<string, string> {
  const principal: TestPrincipal = sandbox.principals[as];
  const backend = join(sandbox.dir, "pulumi");
  // The Azure CLI stores who is signed in, so each principal has a folder, and the user's own sign-in stays as it is.
  const azureCli = join(sandbox.dir, "azure-cli", as);
  for (const folder of [backend, azureCli]) mkdirSync(folder, { recursive: true, mode: 0o700 });
  const secret = sandbox.azure.directory.addSecret(principal.appId);
  const stack = findNewestStack(sandbox.dir);
  return {
    AZURE_TENANT_ID: sandbox.azure.tenantId,
    AZURE_SUBSCRIPTION_ID: sandbox.azure.subscriptionId,
    AZURE_CLIENT_ID: principal.appId,
    AZURE_CLIENT_SECRET: secret,
    AZURE_CONFIG_DIR: azureCli,
    // The hosts of the Azure CLI's telemetry are not in the sandbox.
    AZURE_CORE_COLLECT_TELEMETRY: "false",
    HTTPS_PROXY: sandbox.proxy.url,
    NO_PROXY: "127.0.0.1,localhost",
    NODE_EXTRA_CA_CERTS: sandbox.proxy.caFile,
    REQUESTS_CA_BUNDLE: sandbox.proxy.caFile,
    // For programs in Go, and for those that use OpenSSL's default certificates.
    SSL_CERT_FILE: sandbox.proxy.caFile,
    // For curl, which takes this variable before SSL_CERT_FILE: some systems set it.
    CURL_CA_BUNDLE: sandbox.proxy.caFile,
    // Later commands of azure-sandbox in this shell concern this sandbox, and commands of terminals its newest stack.
    SANDBOX_DIR: resolve(sandbox.dir),
    ...(stack === undefined ? {} : { TERMINALS_STACK: stack }),
    PULUMI_BACKEND_URL: pathToFileURL(backend).href,
    PULUMI_CONFIG_PASSPHRASE: stackPassphrase(sandbox.azure),
    PULUMI_DEBUG_PROVIDERS: realProviders
      ? withoutProvider(sandbox.providers.debugProviders, "azure-native")
      : sandbox.providers.debugProviders,
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    ...(realProviders ? azureNativeVariables(sandbox.azure, principal.appId, secret) : {}),
  };
}

/** Removes a provider from a value of PULUMI_DEBUG_PROVIDERS: names with ports, with commas between them. */
function withoutProvider(debugProviders: string, name: string): string {
  return debugProviders
    .split(",")
    .filter((each) => !each.startsWith(`${name}:`))
    .join(",");
}

/** The sign-in of Pulumi's azure-native provider. Source: its installation page, "Service Principal". */
function azureNativeVariables(azure: AzureEnvironment, clientId: string, secret: string) {
  return {
    ARM_CLIENT_ID: clientId,
    ARM_CLIENT_SECRET: secret,
    ARM_TENANT_ID: azure.tenantId,
    ARM_SUBSCRIPTION_ID: azure.subscriptionId,
  };
}

/** The passphrase of the sandbox's stacks. It is created once, so that a later shell can open the same stack. */
function stackPassphrase(azure: AzureEnvironment): string {
  azure.store.db.exec("CREATE TABLE IF NOT EXISTS cloud_passphrase (value TEXT)");
  const row = azure.store.db.prepare("SELECT value FROM cloud_passphrase").get();
  if (row) return row.value as string;
  const value = randomBytes(18).toString("base64url");
  azure.store.db.prepare("INSERT INTO cloud_passphrase VALUES (?)").run(value);
  return value;
}
