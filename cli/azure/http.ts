import type { PipelinePolicy, PipelineRequest } from "@azure/core-rest-pipeline";
import { agentFor } from "./agents.ts";
import { type NetworkSettings, proxyFor } from "./network.ts";
import { expectServiceAnswer } from "./service-answer.ts";

/** Default time without data, in milliseconds, after which a connection is closed during a request. */
export const idleMs = 60_000;
/**
 * Factor on the idle time of a large upload. Bytes that this computer has handed to a slow line can be on their way for
 * minutes without a sign. Storage allows 10 minutes for each megabyte of a block ("Setting timeouts for Blob service
 * operations").
 */
const uploadFactor = 5;
const largeUploadBytes = 256 * 1024;

/**
 * Most bytes of an answer that is read into memory as a whole. The largest are pages of the IoT Hub's queries: 1000 twins,
 * each with up to 72 KB of tags and properties and their metadata.
 */
export const maxAnswerBytes = 256 * 1024 * 1024;

type AgentRequest = Pick<PipelineRequest, "url" | "agent" | "headers">;
type LimitedRequest = Pick<PipelineRequest, "onDownloadProgress" | "streamResponseStatusCodes">;

/** Requests whose answers are limited already: a retry sends the same one again. */
const limited = new WeakSet<object>();

/** Ends an answer that is read into memory and is larger than any answer of a service, for example an endless one. */
export function limitAnswer(request: LimitedRequest): void {
  const isStreamed = (request.streamResponseStatusCodes?.size ?? 0) > 0;
  if (isStreamed || limited.has(request)) return;
  limited.add(request);
  const report = request.onDownloadProgress;
  request.onDownloadProgress = (progress) => {
    if (progress.loadedBytes > maxAnswerBytes) {
      throw new Error(`the answer has more than ${maxAnswerBytes / 1024 / 1024} MB`);
    }
    report?.(progress);
  };
}

/** Sets the request's agent. This replaces the agent that the Azure SDK derived from the environment. */
export function setAgent(request: AgentRequest, network: NetworkSettings, ms: number): void {
  if (!request.url.startsWith("https:")) return;
  const isLarge = Number(request.headers.get("content-length") ?? 0) > largeUploadBytes;
  request.agent = agentFor(network, request.url, isLarge ? ms * uploadFactor : ms);
}

/** The members of an answer that are the same in all clients. */
interface ClientAnswer {
  status: number;
  headers: { get(name: string): string | undefined };
  bodyAsText?: string | null;
}

/**
 * Passes an answer on when it came from the service, and its outcome to the stall watch.
 * @throws ForeignAnswer when it did not come from the service.
 */
export function observeAnswer<T extends ClientAnswer>(
  network: NetworkSettings,
  { url, method }: { url: string; method: string },
  answer: Promise<T>,
): Promise<T> {
  const believed = answer.then((received) => {
    const { status, headers, bodyAsText } = received;
    const header = (name: string) => headers.get(name);
    const body = bodyAsText ?? undefined;
    expectServiceAnswer({ url, method, status, header, body, proxyUrl: proxyFor(network, url) });
    network.clockWatch?.observe(url, header("date"));
    return received;
  });
  const { stallWatch } = network;
  return stallWatch ? stallWatch.observe(url, believed) : believed;
}

/**
 * A policy for clients of the Azure SDKs, for their option `additionalPolicies`. It sends requests as `network` says,
 * reuses connections, and closes a connection without data, with an error after which the SDK retries. The limit is the
 * time without data and not the duration of a transfer, so it also fits large files on slow lines. Only answers in the
 * service's own form are passed on.
 * @param ms Milliseconds without data; default that of `network`, else `idleMs`. Large uploads get more.
 */
export function connectionPolicy(network: NetworkSettings, ms = network.idleMs ?? idleMs): PipelinePolicy {
  return {
    name: "connectionPolicy",
    sendRequest(request, next) {
      setAgent(request, network, ms);
      limitAnswer(request);
      return observeAnswer(network, request, next(request));
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

/** Options for all clients of the Azure SDKs: connections, retries for about two minutes, and no redirects. */
export function clientOptions(network: NetworkSettings) {
  return {
    additionalPolicies: [
      { policy: connectionPolicy(network), position: "perRetry" as const },
      { policy: errorBodyPolicy, position: "perRetry" as const },
    ],
    redirectOptions: { maxRetries: 0 },
    retryOptions: retryOptions(network),
  };
}

/** When the clients of the Azure SDKs retry: by default 6 times, after half a second to 20 seconds. */
export function retryOptions({ retries }: NetworkSettings) {
  const { firstMs, longestMs } = retries ?? { firstMs: 500, longestMs: 20_000 };
  return { maxRetries: 6, retryDelayInMs: firstMs, maxRetryDelayInMs: longestMs };
}
