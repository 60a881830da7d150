import { Agent as PlainAgent } from "node:http";
import { Agent } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { DefaultAzureCredential } from "@azure/identity";
import { HttpsProxyAgent } from "https-proxy-agent";
import type { Target } from "./target.ts";

export interface AzureOptions {
  subscriptionId: string;
  region: string;
  /** Receives a line before each wait. */
  announce: (line: string) => void;
  /** Ends a wait at once with an AbortError. */
  signal: AbortSignal;
}

/** Azure itself, signed in as DefaultAzureCredential does: variables, az login, a managed identity and more. */
export async function openAzureTarget({
  subscriptionId,
  region,
  announce,
  signal,
}: AzureOptions): Promise<Target> {
  const proxyUrl = process.env.HTTPS_PROXY || process.env.https_proxy;
  const agent = proxyUrl
    ? new HttpsProxyAgent(proxyUrl, { keepAlive: true })
    : new Agent({ keepAlive: true });
  return {
    name: "azure",
    subscriptionId,
    region,
    credential: new DefaultAzureCredential(),
    // The SDKs read the proxy from the environment.
    clientOptions: {},
    agent,
    plainAgent: proxyUrl ? new HttpsProxyAgent(proxyUrl) : new PlainAgent(),
    now: () => Date.now(),
    async pass(seconds, why) {
      announce(`waiting ${seconds} s: ${why}`);
      await sleep(seconds * 1000, undefined, { signal });
    },
    async hasten() {},
    pollMs: 1000,
    async [Symbol.asyncDispose]() {
      agent.destroy();
    },
  };
}
