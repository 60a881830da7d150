import type { PipelinePolicy, PipelineRequest } from "@azure/core-rest-pipeline";
import { agentFor } from "./agents.ts";
import type { NetworkSettings } from "./network.ts";

/** Default time without data, in milliseconds, after which a connection is closed during a request. */
export const idleMs = 60_000;
/**
 * Factor on the idle time of a large upload. Bytes that this computer has handed to a slow line can be on their way for
 * minutes without a sign. Storage allows 10 minutes for each megabyte of a block ("Setting timeouts for Blob service
 * operations").
 */
const uploadFactor = 5;
const largeUploadBytes = 256 * 1024;

type AgentRequest = Pick<PipelineRequest, "url" | "agent" | "headers">;

/** Sets the request's agent. This replaces the agent that the Azure SDK derived from the environment. */
export function setAgent(request: AgentRequest, network: NetworkSettings, ms: number): void {
  if (!request.url.startsWith("https:")) return;
  const isLarge = Number(request.headers.get("content-length") ?? 0) > largeUploadBytes;
  request.agent = agentFor(network, request.url, isLarge ? ms * uploadFactor : ms);
}

/** Passes an answer on, and its outcome to the stall watch. */
export function observeAnswer<T extends { status: number }>(
  { stallWatch }: NetworkSettings,
  url: string,
  answer: Promise<T>,
): Promise<T> {
  return stallWatch ? stallWatch.observe(url, answer) : answer;
}

/**
 * A policy for clients of the Azure SDKs, for their option `additionalPolicies`. It sends requests as `network` says,
 * reuses connections, and closes a connection without data, with an error after which the SDK retries. The limit is the
 * time without data and not the duration of a transfer, so it also fits large files on slow lines.
 * @param ms Milliseconds without data; default `idleMs`. Large uploads get more.
 */
export function connectionPolicy(network: NetworkSettings, ms = idleMs): PipelinePolicy {
  return {
    name: "connectionPolicy",
    sendRequest(request, next) {
      setAgent(request, network, ms);
      return observeAnswer(network, request.url, next(request));
    },
  };
}

/**
 * Gives an error answer without a body an empty JSON object. The clients of the Resource Manager read the body of every
 * error, and throw a TypeError where there is none (@azure/arm-storage 20.0.0, errorResponseDeserializer).
 */
const errorBodyPolicy: PipelinePolicy = {
  name: "errorBodyPolicy",
  async sendRequest(request, next) {
    const response = await next(request);
    if (response.status >= 400 && !response.bodyAsText) {
      response.headers.set("content-type", "application/json");
      response.bodyAsText = "{}";
    }
    return response;
  },
};

/** Options for all clients of the Azure SDKs: connections, and retries for about two minutes. */
export function clientOptions(network: NetworkSettings) {
  return {
    additionalPolicies: [
      { policy: connectionPolicy(network), position: "perRetry" as const },
      { policy: errorBodyPolicy, position: "perRetry" as const },
    ],
    retryOptions: { maxRetries: 6, retryDelayInMs: 500, maxRetryDelayInMs: 20_000 },
  };
}
