import type { PipelinePolicy, PipelineRequest } from "@azure/core-rest-pipeline";
import type { RequestPolicyFactory } from "@azure/storage-blob";
import { HttpsProxyAgent } from "https-proxy-agent";

class ProxyAgent extends HttpsProxyAgent<string> {
  /** Its base guesses from the call stack, wrongly when a connection comes back to the pool: it is never used again. */
  override isSecureEndpoint(): boolean {
    return true;
  }

  /** Azure's logger writes a request with its agent, whose sockets hold the headers that went through them. */
  toJSON(): string {
    return `proxy ${this.proxy.host}`;
  }
}

const agents = new Map<string, ProxyAgent>();

/**
 * Lets connections through a proxy be used again. The Azure SDKs read HTTPS_PROXY and NO_PROXY, but their proxy
 * agents make a new connection, with a new TLS handshake, for every request.
 */
export function keepProxyConnections(request: Pick<PipelineRequest, "url" | "agent">): void {
  const proxy = (request.agent as { proxy?: URL } | undefined)?.proxy;
  if (!proxy || !request.url.startsWith("https:")) return;
  let agent = agents.get(proxy.href);
  if (!agent) {
    agent = new ProxyAgent(proxy.href, { keepAlive: true, maxSockets: 64 });
    agents.set(proxy.href, agent);
  }
  request.agent = agent;
}

/** `keepProxyConnections` for the clients of the Azure SDKs, as their option `additionalPolicies` takes it. */
export const keepProxyConnectionsPolicy: PipelinePolicy = {
  name: "keepProxyConnections",
  sendRequest(request, next) {
    keepProxyConnections(request);
    return next(request);
  },
};

/** `keepProxyConnections` for the pipelines of `@azure/storage-blob`. */
export const keepProxyConnectionsFactory: RequestPolicyFactory = {
  create: (next) => ({
    sendRequest(request) {
      keepProxyConnections(request as Parameters<typeof keepProxyConnections>[0]);
      return next.sendRequest(request);
    },
  }),
};

/** Options that all clients of the Azure SDKs are made with. */
export const clientOptions = {
  additionalPolicies: [{ policy: keepProxyConnectionsPolicy, position: "perRetry" as const }],
  retryOptions: { maxRetries: 6, retryDelayInMs: 500, maxRetryDelayInMs: 20_000 },
};
