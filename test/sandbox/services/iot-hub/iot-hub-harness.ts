import { type RequestOptions, request } from "node:https";
import tls, { type ConnectionOptions } from "node:tls";
import iothub from "azure-iothub";
import { HttpsProxyAgent } from "https-proxy-agent";
import type { NetworkSettings } from "../../../../cli/azure/network.ts";
import type { AzureEnvironment } from "../../../../sandbox/core/azure-environment.ts";
import type { AzureProxy } from "../../../../sandbox/proxy/proxy.ts";
import type { ServiceEndpoint } from "../../../../sandbox/proxy/service-endpoint.ts";
import type { IotHub, IotHubOptions } from "../../../../sandbox/services/iot-hub/iot-hub.ts";
import { exampleIotHub } from "../../../support/example-resources.ts";
import type { TestClock } from "../../../support/test-clock.ts";
import { TestSandbox } from "../../../support/test-sandbox.ts";

export interface Principal {
  objectId: string;
  /** A token for the service side of the hub, in the shape that @azure/core-auth's TokenCredential has. */
  getToken(): Promise<{ token: string; expiresOnTimestamp: number }>;
}

export interface HubSettings extends IotHubOptions {
  /** Default S1. */
  sku?: string;
  /** Default 1. */
  capacity?: number;
  properties?: Record<string, unknown>;
  /** Whether the storage accounts' endpoints start too; default false. */
  storage?: boolean;
}

const name = "example-hub";
/** Audience of the tokens for the service side of a hub. */
const audience = "https://iothubs.azure.net";

/** Starts a sandbox with one IoT Hub. */
export async function startHub(settings: HubSettings = {}): Promise<HubUnderTest> {
  const { sku = "S1", capacity = 1, properties, storage, ...options } = settings;
  const sandbox = await TestSandbox.start({
    iotHub: { feedbackDelayMs: 0, ...options },
    storage: storage ? {} : undefined,
  });
  const { resources, subscriptionId } = sandbox.azure;
  const resource = exampleIotHub(subscriptionId, name, properties, { name: sku, capacity });
  resources.put(resource);
  return new HubUnderTest(sandbox, resource.id);
}

export class HubUnderTest implements AsyncDisposable {
  readonly host = `${name}.azure-devices.net`;
  readonly sandbox: TestSandbox;
  readonly resourceId: string;
  private sharedAgent: TunnelAgent | undefined;

  constructor(sandbox: TestSandbox, resourceId: string) {
    this.sandbox = sandbox;
    this.resourceId = resourceId;
  }

  get azure(): AzureEnvironment {
    return this.sandbox.azure;
  }

  get clock(): TestClock {
    return this.sandbox.clock;
  }

  get proxy(): AzureProxy {
    return this.sandbox.proxy;
  }

  get hub(): IotHub {
    return this.sandbox.iotHub;
  }

  /** How clients of the command line reach the hub: through the proxy. */
  get network(): NetworkSettings {
    return this.sandbox.network;
  }

  /** The service endpoints behind the proxy; a test may add its own. */
  get endpoints(): ServiceEndpoint[] {
    return this.sandbox.endpoints;
  }

  /** The sandbox's log, a line each. */
  get logged(): string[] {
    return this.sandbox.log;
  }

  /** A caller with these built-in roles at the hub, and no other right. */
  principal(...roles: string[]): Principal {
    const grants = roles.map((role) => ({ role, scope: this.resourceId }));
    const principal = this.sandbox.principal(...grants);
    return { objectId: principal.objectId, getToken: () => principal.getToken(audience) };
  }

  /** The official SDK's registry, through the proxy. */
  registry(principal: Principal): iothub.Registry {
    const registry = iothub.Registry.fromTokenCredential(this.host, principal as never);
    // The SDK has no option for an agent.
    const { _restApiClient: client } = registry as unknown as {
      _restApiClient: { setOptions(options: unknown): void };
    };
    client.setOptions({ http: { agent: this.agent() } });
    return registry;
  }

  /** The agent of all clients, which keeps their connections for the next calls. */
  agent(): HttpsProxyAgent<string> {
    this.sharedAgent ??= new TunnelAgent(this.proxy.url, { keepAlive: true });
    return this.sharedAgent;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.sandbox[Symbol.asyncDispose]();
  }
}

class TunnelAgent extends HttpsProxyAgent<string> {
  /** Its base class derives this from the call stack, with a wrong result when a connection returns to the pool. */
  override isSecureEndpoint(): boolean {
    return true;
  }
}

export interface RawAnswer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

/** Sends one REST request, for requests that no SDK sends. `text` is a body that is not JSON. */
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

/** The error of a call that must fail, without the sockets that the SDK's errors hold. */
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

const hubHost = /\.(azure-devices|servicebus\.windows)\.net$/;

/**
 * Redirects this process's TLS connections to IoT hubs and their built-in endpoints to the proxy, port by port, as a hosts file would: for SDKs
 * that support no proxy.
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
    const local = hubHost.test(options.host ?? "") && ports.get(Number(options.port));
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
