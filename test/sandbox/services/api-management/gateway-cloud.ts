import { randomUUID } from "node:crypto";
import type { RequestOptions } from "node:https";
import type { AzureEnvironment } from "../../../../sandbox/core/azure-environment.ts";
import type { AzureProxy } from "../../../../sandbox/proxy/proxy.ts";
import type { Resource } from "../../../../sandbox/resource-manager/resources.ts";
import type { ExampleFlowApi } from "../../../../sandbox/services/api-management/example-flow-api.ts";
import { exampleApiManagement, exampleGroup } from "../../../support/example-resources.ts";
import type { TestClock } from "../../../support/test-clock.ts";
import { TestSandbox, type TestSandboxServices } from "../../../support/test-sandbox.ts";
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

export type GatewayOptions = TestSandboxServices["apiManagement"] & Pick<TestSandboxServices, "storage">;

/** A sandbox with one API Management service in front of the example Flow API. */
export class GatewayCloud implements AsyncDisposable {
  readonly sandbox: TestSandbox;
  private readonly agent: ReturnType<typeof agentOf>;

  private constructor(sandbox: TestSandbox) {
    this.sandbox = sandbox;
    this.agent = agentOf(sandbox.proxy, { keepAlive: true });
  }

  static async open({ storage, ...options }: GatewayOptions = {}): Promise<GatewayCloud> {
    const opened = new GatewayCloud(await TestSandbox.start({ apiManagement: options, storage }));
    opened.deploy();
    return opened;
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

  get flowApi(): ExampleFlowApi {
    return this.sandbox.flowApi;
  }

  /** The sandbox's log, a line each. */
  get log(): string[] {
    return this.sandbox.log;
  }

  async close(): Promise<void> {
    this.agent.destroy();
    await this.sandbox[Symbol.asyncDispose]();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  get group(): string {
    return exampleGroup(this.azure.subscriptionId);
  }

  get serviceId(): string {
    return exampleApiManagement(this.azure.subscriptionId, serviceName).id;
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
      ...exampleApiManagement(this.azure.subscriptionId, serviceName),
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
