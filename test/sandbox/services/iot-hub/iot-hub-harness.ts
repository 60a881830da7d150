import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { type RequestOptions, request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import tls, { type ConnectionOptions, getCACertificates, setDefaultCACertificates } from "node:tls";
import iothub from "azure-iothub";
import { HttpsProxyAgent } from "https-proxy-agent";
import type { NetworkSettings } from "../../../../cli/azure/network.ts";
import { type AzureEnvironment, openAzureEnvironment } from "../../../../sandbox/core/azure-environment.ts";
import { MovableClock } from "../../../../sandbox/core/clock.ts";
import type { Faults } from "../../../../sandbox/proxy/faults.ts";
import { type AzureProxy, startProxy } from "../../../../sandbox/proxy/proxy.ts";
import type { ServiceEndpoint } from "../../../../sandbox/proxy/service-endpoint.ts";
import { builtInRoles } from "../../../../sandbox/services/authorization/roles.ts";
import {
  createIotHub,
  type IotHub,
  type IotHubOptions,
} from "../../../../sandbox/services/iot-hub/iot-hub.ts";

export interface HubUnderTest extends AsyncDisposable {
  azure: AzureEnvironment;
  clock: MovableClock;
  proxy: AzureProxy;
  hub: IotHub;
  host: string;
  resourceId: string;
  /** Folder of everything; gone afterwards. */
  dir: string;
  /** What the proxy serves; more may be added. */
  endpoints: ServiceEndpoint[];
  /** The sandbox's log. */
  logged: string[];
  /** Somebody who holds these roles at the hub; none makes a caller without any right. */
  principal(...roles: string[]): Principal;
  /** The official SDK's registry, through the proxy. */
  registry(principal: Principal): iothub.Registry;
  agent(): HttpsProxyAgent<string>;
  /** How clients of the command line reach it: through the proxy. */
  network: NetworkSettings;
}

export interface Principal {
  objectId: string;
  /** The shape of @azure/core-auth's TokenCredential. */
  getToken(): Promise<{ token: string; expiresOnTimestamp: number }>;
}

export interface HubSettings extends IotHubOptions {
  sku?: string;
  capacity?: number;
  properties?: Record<string, unknown>;
  /** Path of the database; a new folder's when left out. */
  file?: string;
}

/** One hub behind a proxy, with a database in a temporary folder. */
export async function startHub(settings: HubSettings = {}): Promise<HubUnderTest> {
  const { sku = "S1", capacity = 1, properties = { disableLocalAuth: true }, file, ...options } = settings;
  const dir = mkdtempSync(join(tmpdir(), "iot-hub-test-"));
  const clock = new MovableClock();
  const logged: string[] = [];
  const log = (line: string) => void logged.push(line);
  const azure = await openAzureEnvironment({ file: file ?? join(dir, "state.sqlite"), clock, log });
  const name = "example-hub";
  const resourceId = `/subscriptions/${azure.subscriptionId}/resourceGroups/example/providers/Microsoft.Devices/IotHubs/${name}`;
  azure.resources.put({
    id: resourceId,
    type: "Microsoft.Devices/IotHubs",
    name,
    location: "westeurope",
    sku: { name: sku, capacity },
    properties,
  });
  let faults: Faults | undefined;
  const hub = createIotHub(azure, {
    throttling: false,
    feedbackDelayMs: 0,
    faults: () => faults as Faults,
    outbound: () => ({ proxyUrl: proxy.url, ca: proxy.ca }),
    ...options,
  });
  const endpoints = [hub.endpoint];
  const proxy = await startProxy(azure, { dir: join(dir, "proxy"), port: 0, endpoints });
  faults = proxy.faults;
  // As NODE_EXTRA_CA_CERTS does it for a whole process.
  setDefaultCACertificates([...getCACertificates("default"), proxy.ca]);
  const agent = () => new HttpsProxyAgent(proxy.url, { keepAlive: true });
  const host = `${name}.azure-devices.net`;
  return {
    azure,
    clock,
    proxy,
    hub,
    host,
    resourceId,
    dir,
    endpoints,
    logged,
    agent,
    network: { proxyUrl: proxy.url, ca: proxy.ca },
    principal: (...roles) => addPrincipal(azure, resourceId, roles),
    registry: (principal) => {
      const registry = iothub.Registry.fromTokenCredential(host, principal as never);
      const inside = registry as unknown as { _restApiClient: { setOptions(options: unknown): void } };
      inside._restApiClient.setOptions({ http: { agent: agent() } });
      return registry;
    },
    async [Symbol.asyncDispose]() {
      await hub.close();
      await proxy.close();
      azure.store.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

function addPrincipal(azure: AzureEnvironment, scope: string, roles: string[]): Principal {
  const principal = azure.directory.addServicePrincipal("somebody");
  for (const name of roles) {
    const role = builtInRoles.find((candidate) => candidate.name === name);
    const id = randomUUID();
    azure.resources.put({
      id: `${scope}/providers/Microsoft.Authorization/roleAssignments/${id}`,
      type: "Microsoft.Authorization/roleAssignments",
      name: id,
      properties: {
        principalId: principal.objectId,
        scope,
        roleDefinitionId: `/providers/Microsoft.Authorization/roleDefinitions/${role!.guid}`,
      },
    });
  }
  return {
    objectId: principal.objectId,
    async getToken() {
      const { token, expiresIn } = await azure.tokens.issue(principal, "https://iothubs.azure.net");
      return { token, expiresOnTimestamp: Date.now() + expiresIn * 1000 };
    },
  };
}

export interface RawAnswer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

/** One REST call as nobody's SDK would make it; `text` is a body that is no JSON, or more than can be made here. */
export async function rest(
  under: HubUnderTest,
  method: string,
  path: string,
  options: { as?: Principal; headers?: Record<string, string>; body?: unknown; text?: string } = {},
): Promise<RawAnswer> {
  const authorization = options.as ? { authorization: `Bearer ${(await options.as.getToken()).token}` } : {};
  const body = options.body === undefined ? options.text : JSON.stringify(options.body);
  const length = body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) };
  const headers = { "content-type": "application/json", ...authorization, ...length, ...options.headers };
  const url = `https://${under.host}${path}${path.includes("?") ? "&" : "?"}api-version=2021-04-12`;
  return new Promise((resolve, reject) => {
    const call = request(url, { method, headers, agent: under.agent() } as RequestOptions, (res) => {
      let text = "";
      res.setEncoding("utf8");
      res.on("data", (chunk: string) => {
        text += chunk;
      });
      res.on("end", () => resolve({ status: res.statusCode!, headers: res.headers, body: text }));
    });
    call.on("error", reject);
    call.end(body);
  });
}

/** What a call fails with, and the error inside it; the SDK's errors hold whole sockets. */
export async function refusal(
  call: Promise<unknown>,
): Promise<{ name: string; message: string; cause: string | undefined }> {
  try {
    await call;
  } catch (error) {
    const { name, message, amqpError } = error as Error & { amqpError?: Error };
    return { name, message, cause: amqpError?.name };
  }
  throw new Error("The call was expected to fail.");
}

/**
 * Takes this process's TLS connections to Azure's IoT hubs to the proxy, port by port, as a hosts file would: for SDKs
 * that take no proxy.
 */
export async function routeHubsTo(proxy: AzureProxy): Promise<Disposable> {
  const ports = new Map<number, number>();
  for (const port of [443, 5671, 8883] as const) ports.set(port, await proxy.listen(0, port));
  const connect = tls.connect;
  const routed = (...given: unknown[]) => {
    // Either (options, listener) or (port, host, options, listener).
    const [port, host, rest, listener] = given as [number, string, ConnectionOptions, () => void];
    const byPort = typeof port === "number";
    const options = byPort ? { ...rest, port, host } : (given[0] as ConnectionOptions);
    const local = options.host?.endsWith(".azure-devices.net") && ports.get(Number(options.port));
    const target =
      local && !options.socket ? { servername: options.host, host: "127.0.0.1", port: local } : {};
    return connect({ ...options, ...target }, (byPort ? listener : given[1]) as () => void);
  };
  tls.connect = routed as typeof tls.connect;
  return {
    [Symbol.dispose]() {
      tls.connect = connect;
    },
  };
}

/** Waits until something is so; fails after five seconds, or as long as it is told. */
export async function until<T>(
  what: () => T | undefined | false | Promise<T | undefined | false>,
  ms = 5000,
): Promise<T> {
  for (const deadline = Date.now() + ms; Date.now() < deadline; ) {
    const value = await what();
    if (value) return value;
    await sleep(10);
  }
  throw new Error(`Still not so: ${what}`);
}
