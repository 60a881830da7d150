import type { Agent } from "node:https";
import { createHttpHeaders, createPipelineRequest, proxyPolicy } from "@azure/core-rest-pipeline";

/**
 * The way to a URL through the proxy that HTTPS_PROXY and NO_PROXY give, for WebSockets; undefined for the direct
 * way. The Azure SDKs decide it, so that all doors are reached the same way.
 */
export async function proxyAgentFor(url: string): Promise<Agent | undefined> {
  let agent: Agent | undefined;
  await proxyPolicy().sendRequest(createPipelineRequest({ url }), async (request) => {
    agent = request.agent as Agent | undefined;
    return { request, status: 200, headers: createHttpHeaders() };
  });
  return agent;
}
