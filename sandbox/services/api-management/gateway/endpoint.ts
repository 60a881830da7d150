import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import type { AzureEnvironment } from "../../../core/azure-environment.ts";
import type { Connection, ServiceEndpoint, TlsVersion } from "../../../proxy/service-endpoint.ts";
import { MonitorData } from "../../monitor/monitor-data.ts";
import { Guid } from "../expressions/values.ts";
import { Body, Headers, RequestMessage, type ResponseMessage } from "../messages.ts";
import { Url } from "../url.ts";
import { CircuitBreakers } from "./circuit-breaker.ts";
import { type Configuration, Configurations } from "./configuration.ts";
import { Counters } from "./counters.ts";
import { errorResponse } from "./error-response.ts";
import { Exchange, type GatewayServices, type Outbound } from "./exchange.ts";
import { GatewayError } from "./gateway-error.ts";
import { gatewayLogEntry } from "./gateway-log.ts";
import { ManagedIdentities } from "./identity.ts";
import { runPolicy } from "./pipeline.ts";
import { type Match, match } from "./routing.ts";
import { SubscriptionKeys } from "./subscriptions.ts";

const hostPattern = /^([a-z0-9-]+)\.azure-api\.net$/;

/** Switches for older TLS versions. Source: "Manage protocols and ciphers in Azure API Management". */
const protocolProperty = "Microsoft.WindowsAzure.ApiManagement.Gateway.Security.Protocols";

/** The gateways of all API Management services: NAME.azure-api.net. */
export class GatewayEndpoint implements ServiceEndpoint {
  readonly plainHttp = true;
  private readonly azure: AzureEnvironment;
  private readonly outbound: Outbound;
  private readonly configurations: Configurations;
  private readonly counters = new Map<string, Counters>();
  private readonly breakers: CircuitBreakers;
  private readonly identities: ManagedIdentities;
  private readonly keys: SubscriptionKeys;
  private readonly monitor: MonitorData;

  constructor(azure: AzureEnvironment, outbound: Outbound, subscriptionCacheSeconds: number) {
    this.azure = azure;
    this.outbound = outbound;
    this.configurations = new Configurations(azure);
    this.monitor = new MonitorData(azure);
    this.breakers = new CircuitBreakers(() => azure.clock.now());
    this.identities = new ManagedIdentities(azure);
    this.keys = new SubscriptionKeys(subscriptionCacheSeconds, () => azure.clock.now());
  }

  serves(host: string): boolean {
    return this.configurations.has(nameOf(host));
  }

  minimumTls(host: string): TlsVersion {
    const service = this.configurations.named(nameOf(host))?.service;
    const custom = (service?.properties.customProperties ?? {}) as Record<string, string>;
    if (custom[`${protocolProperty}.Tls10`]?.toLowerCase() === "true") return "TLSv1";
    return custom[`${protocolProperty}.Tls11`]?.toLowerCase() === "true" ? "TLSv1.1" : "TLSv1.2";
  }

  request(req: IncomingMessage, res: ServerResponse, connection: Connection): void {
    const configuration = this.configurations.named(nameOf(connection.host));
    if (!configuration) return void req.socket.destroy();
    this.answer(configuration, req, res, connection).catch((error: Error) => {
      if (!res.destroyed) this.log(configuration, error.message);
      res.destroy();
    });
  }

  close(): void {
    this.configurations.close();
  }

  private async answer(
    configuration: Configuration,
    req: IncomingMessage,
    res: ServerResponse,
    connection: Connection,
  ): Promise<void> {
    const scheme = connection.tls ? "https" : "http";
    const url = Url.received(scheme, connection.host, req.url ?? "/");
    const method = req.method ?? "GET";
    const found = url && match(configuration.apis, method, url);
    if (!found) {
      const error = new GatewayError(404, "OperationNotFound", "Resource not found");
      await send(res, errorResponse(error, ""), method);
      this.log(configuration, `${method} ${url?.path} 404 OperationNotFound`);
      this.count(configuration, 404, "", "OperationNotFound");
      return;
    }
    const from = performance.now();
    const exchange = this.exchange(configuration, found, req, res, url);
    const response = await this.run(configuration, found, exchange);
    if (exchange.signal.aborted) return response.body.discard();
    for (const [header, values] of exchange.answerHeaders.all()) response.headers.set(header, values);
    const bytes = await this.sendOr500(res, response, exchange, method);
    for (const count of exchange.afterBytes) count(bytes);
    const reason = exchange.lastError ? ` ${exchange.lastError.reason}` : "";
    this.log(configuration, `${method} ${url.path} ${response.status}${reason}`);
    this.count(configuration, response.status, found.api.name, exchange.lastError?.reason);
    const call = {
      method,
      status: response.status,
      totalMs: Math.round(performance.now() - from),
      responseHeaders: response.headers,
    };
    this.monitor.writeLog(
      gatewayLogEntry(configuration.service.id, exchange, call, configuration.logSettingsOf(found.api)),
    );
  }

  private async sendOr500(
    res: ServerResponse,
    response: ResponseMessage,
    exchange: Exchange,
    method: string,
  ): Promise<number> {
    try {
      return await send(res, response, method);
    } catch (error) {
      if (res.headersSent) throw error;
      // Node rejects characters that HTTP does not allow, and its message would repeat the value.
      const reason = new GatewayError(500, "InvalidResponse", "The answer is not valid HTTP.");
      this.azure.log(`api-management ${exchange.serviceName}: ${reason.message}`);
      response.body.discard();
      return await send(res, errorResponse(reason, exchange.requestId.text), method);
    }
  }

  private run(configuration: Configuration, found: Match, exchange: Exchange): Promise<ResponseMessage> {
    const policy = configuration.policyOf(found.api);
    if (!policy) {
      const error = new GatewayError(500, "InvalidPolicy", "The policy of the API cannot be run.");
      return Promise.resolve(errorResponse(error, exchange.requestId.text));
    }
    return runPolicy(exchange, policy, () => {
      exchange.subscription = this.keys.check(configuration, found.api, exchange.request);
    });
  }

  private exchange(
    configuration: Configuration,
    { api, operation, path, parameters }: Match,
    req: IncomingMessage,
    res: ServerResponse,
    url: Url,
  ): Exchange {
    const gone = new AbortController();
    res.on("close", () => res.writableFinished || gone.abort());
    const hasBody =
      Number(req.headers["content-length"] ?? 0) > 0 || req.headers["transfer-encoding"] !== undefined;
    const below = url.copy();
    below.path = path;
    return new Exchange(this.services(configuration), {
      api: {
        id: api.name,
        name: api.displayName,
        path: api.path,
        revision: api.revision,
        version: api.version,
      },
      operation: {
        id: operation.id,
        method: operation.method,
        name: operation.displayName,
        urlTemplate: operation.urlTemplate,
      },
      request: new RequestMessage(
        req.method ?? "GET",
        below,
        Headers.fromRaw(req.rawHeaders),
        hasBody ? new Body(req) : null,
      ),
      originalUrl: url,
      ipAddress: req.socket.remoteAddress?.replace(/^::ffff:/, "") ?? "127.0.0.1",
      matchedParameters: parameters,
      serviceName: configuration.service.name,
      region: configuration.service.location ?? "",
      requestId: new Guid(randomUUID()),
      receivedAt: this.azure.clock.now(),
      backend: api.serviceUrl
        ? { url: api.serviceUrl, headers: {}, query: {}, tls: { chain: true, name: true } }
        : undefined,
      signal: gone.signal,
    });
  }

  /** Counts a call in the platform metric Requests. Source: supported-metrics/microsoft-apimanagement-service-metrics. */
  private count({ service }: Configuration, status: number, api: string, reason = ""): void {
    this.monitor.writeMetric(service.id, "Requests", {
      Location: service.location ?? "",
      Hostname: `${service.name}.azure-api.net`,
      LastErrorReason: reason,
      GatewayResponseCode: String(status),
      GatewayResponseCodeCategory: `${Math.floor(status / 100)}xx`,
      ApiId: api,
    });
  }

  private log({ service, masked }: Configuration, line: string): void {
    this.azure.log(`api-management ${service.name}: ${masked(line)}`);
  }

  private services({ service, backends, masked }: Configuration): GatewayServices {
    const now = () => this.azure.clock.now();
    const key = service.id.toLowerCase();
    const counters = this.counters.get(key) ?? new Counters(now);
    this.counters.set(key, counters);
    return {
      outbound: this.outbound,
      counters,
      breakers: this.breakers,
      now,
      log: (line) => this.azure.log(masked(line)),
      token: (resource) => this.identities.token(service, resource),
      backend: (id) => backends.get(id.toLowerCase()),
    };
  }
}

function nameOf(host: string): string {
  return hostPattern.exec(host)?.[1] ?? "";
}

/** Writes the response. Returns the size of its body in bytes if it is known in advance. */
async function send(res: ServerResponse, response: ResponseMessage, method: string): Promise<number> {
  const content = response.body.remaining;
  const empty = method === "HEAD" || response.status === 204 || response.status === 304;
  if (response.status === 204) response.headers.delete("Content-Length");
  if (content === undefined || Buffer.isBuffer(content)) {
    const length = content?.length ?? 0;
    if (!empty) response.headers.set("Content-Length", [String(length)]);
    head(res, response);
    res.end(empty ? undefined : content);
    return length;
  }
  head(res, response);
  await pipeline(content, res);
  return Number(response.headers.get("content-length")?.[0] ?? 0);
}

function head(res: ServerResponse, response: ResponseMessage): void {
  // The reason phrase may come from an expression: a line break in it must not end the status line.
  const reason = response.reason.replace(/[^\t\x20-\x7e]/g, "");
  res.writeHead(response.status, reason || undefined, response.headers.toNode());
}
