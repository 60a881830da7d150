import { join } from "node:path";
import { createGraphEndpoint } from "../entra-id/graph-endpoint.ts";
import { addTestPrincipals } from "../entra-id/test-principals.ts";
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
import { openAzureEnvironment } from "./azure-environment.ts";
import { MovableClock } from "./clock.ts";
import { lockFolder } from "./folder-lock.ts";
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
