import type { ExpressionContext, LastError, SubscriptionInfo } from "../expressions/context.ts";
import { nullReference } from "../expressions/exception.ts";
import type { Run } from "../expressions/types.ts";
import type { Guid } from "../expressions/values.ts";
import { Headers, type RequestMessage, type ResponseMessage } from "../messages.ts";
import type { Url } from "../url.ts";
import type { BreakerRule, CircuitBreakers } from "./circuit-breaker.ts";
import type { Counters } from "./counters.ts";

/** The sections of a policy, in execution order. */
export type Section = "inbound" | "backend" | "outbound" | "on-error";

/** How a backend's certificate is verified. */
export interface TlsChecks {
  chain: boolean;
  name: boolean;
}

/** Sends a request out of the gateway. */
export interface Outbound {
  /**
   * @param options.seconds Maximum wait for the response, in seconds.
   * @param options.whole Whether the limit covers the whole body, which is then in memory; otherwise the headers only.
   * @throws GatewayError without a response, with the reason Timeout or BackendConnectionFailure.
   */
  send(
    request: RequestMessage,
    options: { seconds: number; whole: boolean; tls: TlsChecks; signal?: AbortSignal },
  ): Promise<ResponseMessage>;
}

/** The gateway's services for policies. */
export interface GatewayServices {
  outbound: Outbound;
  counters: Counters;
  breakers: CircuitBreakers;
  /** The sandbox's time, in milliseconds since 1970. */
  now(): number;
  log(line: string): void;
  /** An access token of the service's own managed identity. @throws GatewayError when it has none. */
  token(resource: string): Promise<string>;
  /** A Backend entity of the service. */
  backend(id: string): BackendTarget | undefined;
}

/** The target of forward-request. */
export interface BackendTarget {
  /** Base URL, for example https://flow.example.com/api. */
  url: string;
  headers: Record<string, string[]>;
  query: Record<string, string[]>;
  tls: TlsChecks;
  /** The circuit breaker of a Backend entity. */
  breaker?: { backendId: string; rule: BreakerRule };
}

/** One call through the gateway. It is also the `context` of its expressions. */
export class Exchange implements ExpressionContext {
  readonly services: GatewayServices;
  readonly api: ExpressionContext["api"];
  readonly operation: ExpressionContext["operation"];
  subscription: SubscriptionInfo | null = null;
  readonly request: RequestMessage;
  readonly originalUrl: Url;
  readonly ipAddress: string;
  readonly matchedParameters: Map<string, string>;
  response: ResponseMessage | null = null;
  lastError: LastError | null = null;
  readonly variables = new Map<string, unknown>();
  readonly serviceName: string;
  readonly region: string;
  readonly requestId: Guid;
  readonly receivedAt: number;
  section: Section = "inbound";
  /** Base URL and checks of the backend; undefined when the API has no service URL. */
  backend: BackendTarget | undefined;
  /** Headers that limits add to the response. */
  readonly answerHeaders = new Headers();
  /** Callbacks of limits that count after the response is known. */
  readonly afterwards: (() => void)[] = [];
  /** Amounts counted for this call, by the keys of limits and quotas. */
  readonly counted = new Map<string, number>();
  /** Called at the end with the number of transferred body bytes. */
  readonly afterBytes: ((bytes: number) => void)[] = [];
  /** Aborted when the caller disconnects. */
  readonly signal: AbortSignal;
  /** The last request to the backend, for the log. */
  forwarded: { url: Url; headers: Headers; status: number | undefined; ms: number } | undefined;
  private readonly sentHeaders: Headers;

  constructor(
    services: GatewayServices,
    call: Pick<
      Exchange,
      | "api"
      | "operation"
      | "request"
      | "originalUrl"
      | "ipAddress"
      | "matchedParameters"
      | "serviceName"
      | "region"
      | "requestId"
      | "receivedAt"
      | "backend"
      | "signal"
    >,
  ) {
    this.services = services;
    this.api = call.api;
    this.operation = call.operation;
    this.request = call.request;
    this.originalUrl = call.originalUrl;
    this.ipAddress = call.ipAddress;
    this.matchedParameters = call.matchedParameters;
    this.serviceName = call.serviceName;
    this.region = call.region;
    this.requestId = call.requestId;
    this.receivedAt = call.receivedAt;
    this.backend = call.backend;
    this.signal = call.signal;
    this.sentHeaders = call.request.headers.copy();
  }

  /** The headers of the request as the caller sent them. */
  get receivedHeaders(): Headers {
    return this.sentHeaders;
  }

  /** Values that the caller sent in headers and query parameters with secret-looking names, also if removed since. */
  sentIn(names: RegExp): string[] {
    const found = [...this.sentHeaders.all(), ...this.originalUrl.query()].filter(([name]) =>
      names.test(name),
    );
    return found.flatMap(([, values]) => values).filter((value) => value !== "");
  }

  /** The request's headers for another host, with that host's name unless the policy set one. */
  ownHeaders(): Headers {
    const headers = this.request.headers.copy();
    if (headers.get("Host")?.[0] === this.sentHeaders.get("Host")?.[0]) headers.delete("Host");
    return headers;
  }

  /** The environment of running expressions. */
  get run(): Run {
    return { context: this, now: () => this.services.now() };
  }

  /** The message that set-header and set-body change in this section. */
  get message(): RequestMessage | ResponseMessage {
    return this.section === "inbound" || this.section === "backend" ? this.request : this.currentResponse;
  }

  /** @throws NullReferenceException, as C# does, before there is a response. */
  get currentResponse(): ResponseMessage {
    if (!this.response) throw nullReference();
    return this.response;
  }
}
