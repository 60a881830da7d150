import type { Agent as PlainAgent } from "node:http";
import type { Agent } from "node:https";
import type { TokenCredential } from "@azure/core-auth";

/** Where the checks run: the sandbox, or Azure. */
export interface Target extends AsyncDisposable {
  readonly name: "sandbox" | "azure";
  readonly subscriptionId: string;
  /** The region of all resources, for example westeurope. */
  readonly region: string;
  /**
   * The principal that runs the checks. It must be Owner of the subscription, or of the resource group and allowed to
   * create groups. Its tokens follow the time of the target.
   */
  readonly credential: TokenCredential;
  /** Options of the Azure SDKs: the proxy, and no retries, as a check wants to see the first answer. */
  readonly clientOptions: { proxyOptions?: { host: string; port: number } };
  /** The agent of HTTPS and WebSocket requests. */
  readonly agent: Agent;
  /** The agent of HTTP requests without TLS. */
  readonly plainAgent: PlainAgent;
  /** Milliseconds since 1970 by the clock of the target. */
  now(): number;
  /** Lets time pass: the sandbox moves its clock; on Azure the run waits, and prints why. */
  pass(seconds: number, why: string): Promise<void>;
  /** Shortens the wait for a state that Azure reaches by itself: the sandbox moves its clock, Azure does nothing. */
  hasten(seconds: number): Promise<void>;
  /** Milliseconds between two calls that wait for a state. */
  readonly pollMs: number;
}
