import type { RequestListener } from "node:http";
import { GatewayCloud, policyWith, withKey } from "./gateway-cloud.ts";
import { openBackend } from "./local-backend.ts";

/** A gateway in front of the example Flow API and of a local backend that a test decides for. */
export class LocalGateway {
  readonly azure: GatewayCloud;
  /** A customer's shared key. */
  readonly key: string;
  /** What the local backend does with the next requests. */
  serve: (...args: Parameters<RequestListener>) => unknown = () => {};
  private readonly end: () => Promise<void>;

  private constructor(azure: GatewayCloud, end: () => Promise<void>) {
    this.azure = azure;
    this.key = azure.subscribe("customer");
    this.end = end;
  }

  static async open(): Promise<LocalGateway> {
    const local = await openBackend((req, res) => void gateway.serve(req, res));
    const azure = await GatewayCloud.open({
      backends: { "local.example.com": `${local.url}/base` },
      subscriptionCacheSeconds: 0,
    });
    const gateway = new LocalGateway(azure, async () => {
      await azure.close();
      local.close();
    });
    return gateway;
  }

  /** Declares the policy of the Flow API. */
  run(sections: Parameters<typeof policyWith>[0]): void {
    this.azure.policy("flow", policyWith(sections));
  }

  /** Calls with the customer's key. */
  get(path = "/flow/health", headers: Record<string, string> = {}) {
    return this.azure.get(path, withKey(this.key, headers));
  }

  /** Takes the policies and the log of a test away. */
  clear(): void {
    const { resources } = this.azure.azure;
    for (const { id } of resources.list("Microsoft.ApiManagement/service/apis/policies"))
      resources.delete(id);
    this.azure.log.length = 0;
  }

  close(): Promise<void> {
    return this.end();
  }
}

export const returns = (body: string) => `<return-response><set-body>${body}</set-body></return-response>`;
export const toLocal = '<base /><set-backend-service base-url="https://local.example.com/api" />';
