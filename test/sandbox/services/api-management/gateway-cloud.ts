import { randomUUID } from "node:crypto";
import type { RequestOptions } from "node:https";
import { type AzureEnvironment, openAzureEnvironment } from "../../../../sandbox/core/azure-environment.ts";
import { MovableClock } from "../../../../sandbox/core/clock.ts";
import { type AzureProxy, startProxy } from "../../../../sandbox/proxy/proxy.ts";
import type { ServiceEndpoint } from "../../../../sandbox/proxy/service-endpoint.ts";
import type { Resource } from "../../../../sandbox/resource-manager/resources.ts";
import {
  type ApiManagement,
  createApiManagement,
} from "../../../../sandbox/services/api-management/api-management.ts";
import {
  createExampleFlowApi,
  type ExampleFlowApi,
  type ExampleFlowApiOptions,
} from "../../../../sandbox/services/api-management/example-flow-api.ts";
import { type Answer, agentOf, call } from "../../proxy/proxy-client.ts";

export const serviceName = "example-flow";
export const hostName = `${serviceName}.azure-api.net`;

/** A policy around the given inbound section, in rawxml. */
export function policyWith(sections: {
  inbound?: string;
  backend?: string;
  outbound?: string;
  onError?: string;
}): string {
  const {
    inbound = "<base />",
    backend = "<base />",
    outbound = "<base />",
    onError = "<base />",
  } = sections;
  return `<policies><inbound>${inbound}</inbound><backend>${backend}</backend><outbound>${outbound}</outbound><on-error>${onError}</on-error></policies>`;
}

/** A cloud with one API Management service, the example Flow API behind it, and the proxy before both. */
export class GatewayCloud {
  readonly clock = new MovableClock();
  readonly log: string[] = [];
  azure!: AzureEnvironment;
  proxy!: AzureProxy;
  flowApi!: ExampleFlowApi;
  private gateway!: ApiManagement;
  private agent!: ReturnType<typeof agentOf>;

  /**
   * @param dir Folder of the proxy's certificate authority.
   * @param endpoints More services, made with the cloud.
   */
  static async open(
    dir: string,
    options: ExampleFlowApiOptions & {
      subscriptionCacheSeconds?: number;
      endpoints?: (azure: AzureEnvironment) => Promise<ServiceEndpoint[]>;
    } = {},
  ): Promise<GatewayCloud> {
    const opened = new GatewayCloud();
    const log = (line: string) => void opened.log.push(line);
    opened.azure = await openAzureEnvironment({ file: ":memory:", clock: opened.clock, log });
    opened.flowApi = createExampleFlowApi(options);
    opened.gateway = createApiManagement(opened.azure, {
      proxyUrl: () => opened.proxy.url,
      ca: () => opened.proxy.ca,
      ...(options.subscriptionCacheSeconds === undefined
        ? {}
        : { subscriptionCacheSeconds: options.subscriptionCacheSeconds }),
    });
    const endpoints = [
      opened.gateway.endpoint,
      opened.flowApi.endpoint,
      ...((await options.endpoints?.(opened.azure)) ?? []),
    ];
    opened.proxy = await startProxy(opened.azure, { dir, port: 0, endpoints });
    opened.agent = agentOf(opened.proxy, { keepAlive: true });
    opened.deploy();
    return opened;
  }

  async close(): Promise<void> {
    this.agent.destroy();
    this.gateway.close();
    await this.proxy.close();
    this.azure.store.close();
  }

  get group(): string {
    return `/subscriptions/${this.azure.subscriptionId}/resourceGroups/example`;
  }

  get serviceId(): string {
    return `${this.group}/providers/Microsoft.ApiManagement/service/${serviceName}`;
  }

  put(
    type: string,
    name: string,
    properties: Record<string, unknown>,
    more: Partial<Resource> = {},
  ): Resource {
    const collection = type.split("/").at(-1);
    const resource = {
      id: `${this.serviceId}/${collection}/${name}`,
      type: `Microsoft.ApiManagement/service/${type}`,
      name,
      properties,
      ...more,
    };
    this.azure.resources.put(resource);
    return resource;
  }

  /** The service with its identity, and the API "flow" with its operations on every path. */
  private deploy(): void {
    const principalId = randomUUID();
    this.azure.directory.put({
      objectId: principalId,
      kind: "ServicePrincipal",
      displayName: serviceName,
      appId: randomUUID(),
    });
    this.service({ identity: { type: "SystemAssigned", principalId } });
    this.put("backends", "flow", {
      url: "https://flow.example.com",
      protocol: "http",
      tls: { validateCertificateChain: true, validateCertificateName: true },
    });
    this.api("flow");
  }

  service(changes: Partial<Resource>): Resource {
    const known = this.azure.resources.get(this.serviceId);
    const service = {
      id: this.serviceId,
      type: "Microsoft.ApiManagement/service",
      name: serviceName,
      location: "norwayeast",
      sku: { name: "BasicV2", capacity: 1 },
      properties: {},
      ...known,
      ...changes,
    };
    this.azure.resources.put(service);
    return service;
  }

  /** An API at the path of its name, with wildcard operations unless others are given as "METHOD /template". */
  api(name: string, properties: Record<string, unknown> = {}, operations = ["GET /*", "POST /*"]): void {
    this.put("apis", name, {
      displayName: name,
      path: name,
      protocols: ["https"],
      serviceUrl: "https://flow.example.com",
      subscriptionRequired: true,
      ...properties,
    });
    for (const [index, operation] of operations.entries()) {
      const [method, urlTemplate] = operation.split(" ");
      const id = `${this.serviceId}/apis/${name}/operations/op${index}`;
      this.put("apis/operations", `op${index}`, { method, urlTemplate, displayName: operation }, { id });
    }
  }

  policy(api: string, value: string, format = "rawxml"): void {
    const id = `${this.serviceId}/apis/${api}/policies/policy`;
    this.put("apis/policies", "policy", { value, format }, { id });
  }

  /** A subscription with fresh keys; its primary key. */
  subscribe(sid: string, scope = "/apis/flow", properties: Record<string, unknown> = {}): string {
    const primaryKey = randomUUID().replaceAll("-", "");
    const keys = { primaryKey, secondaryKey: randomUUID().replaceAll("-", "") };
    this.put("subscriptions", sid, {
      displayName: sid,
      scope: `${this.serviceId}${scope}`,
      state: "active",
      ...keys,
      ...properties,
    });
    return primaryKey;
  }

  changeSubscription(sid: string, properties: Record<string, unknown>): void {
    const known = this.azure.resources.get(`${this.serviceId}/subscriptions/${sid}`);
    this.put("subscriptions", sid, { ...known?.properties, ...properties });
  }

  get(
    path: string,
    headers: Record<string, string> = {},
    options: RequestOptions & { body?: string } = {},
  ): Promise<Answer> {
    return call(this.proxy, `https://${hostName}${path}`, { headers, agent: this.agent, ...options });
  }
}

/** The headers that carry a subscription key. */
export const withKey = (key: string, more: Record<string, string> = {}) => ({
  "Ocp-Apim-Subscription-Key": key,
  ...more,
});
