import type { Exchange } from "../gateway/exchange.ts";
import { asGatewayError, GatewayError } from "../gateway/gateway-error.ts";
import { RequestMessage, type ResponseMessage } from "../messages.ts";
import { Url } from "../url.ts";
import type { Policy } from "./step.ts";

/** set-backend-service: another base URL, or a Backend entity with its credentials and certificate checks. */
export const setBackendService: Policy = {
  sections: ["inbound", "backend"],
  read(reader) {
    const { attributes } = reader.element;
    const given = ["base-url", "backend-id"].filter((name) => attributes.has(name));
    if (given.length === 0) reader.problem("One of the attributes 'base-url' and 'backend-id' is required.");
    if (given.length === 2) {
      reader.problem("Only one of the attributes 'base-url' and 'backend-id' can be given.");
    }
    const known = reader.literal("backend-id");
    if (known !== undefined && !reader.reading.hasBackend(known)) {
      reader.problem(`Backend with id '${attributes.get("backend-id")?.value}' could not be found.`);
    }
    const baseUrl = reader.string("base-url", { expressions: true });
    const id = reader.string("backend-id", { expressions: true });
    return (exchange) => {
      if (id) {
        const target = exchange.services.backend(id(exchange) ?? "");
        if (!target) throw new GatewayError(500, "BackendNotFound", `There is no backend '${id(exchange)}'.`);
        exchange.backend = target;
      } else if (baseUrl) {
        const url = baseUrl(exchange) ?? "";
        if (!URL.canParse(url))
          throw new GatewayError(500, "InvalidUrl", "The base URL of the backend is no URL.");
        exchange.backend = { url, headers: {}, query: {}, tls: { chain: true, name: true } };
      }
      return undefined;
    };
  },
};

/** rewrite-uri: another path, with the operation's template parameters, and other query parameters. */
export const rewriteUri: Policy = {
  sections: ["inbound"],
  read(reader) {
    const template = reader.string("template", { required: true, expressions: true });
    const copy = reader.boolean("copy-unmatched-params", { expressions: true }) ?? (() => true);
    if (!template) return undefined;
    return (exchange) => {
      const { request, matchedParameters, operation } = exchange;
      const filled = (template(exchange) ?? "").replace(
        /\{(\*?)([^{}]+)\}/g,
        (_, star: string, name: string) => {
          const value = matchedParameters.get(name);
          if (value === undefined)
            throw new GatewayError(500, "InvalidTemplate", `There is no parameter '${name}'.`);
          return star ? value.split("/").map(encodeURIComponent).join("/") : encodeURIComponent(value);
        },
      );
      const [path = "", query] = filled.split("?", 2) as [string, string?];
      // Parameters of the operation's template are already matched; the others may be copied.
      const kept = request.url.copy();
      for (const name of new URLSearchParams(operation.urlTemplate.split("?")[1]).keys())
        kept.deleteQuery(name);
      request.url.path = path.startsWith("/") ? path : `/${path}`;
      const parts = [query, copy(exchange) ? kept.queryString.slice(1) : ""].filter(Boolean);
      request.url.queryString = parts.length > 0 ? `?${parts.join("&")}` : "";
      return undefined;
    };
  },
};

/** forward-request: sends the call to the backend and stores the response. Default of the backend section. */
export const forwardRequest: Policy = {
  sections: ["backend"],
  read(reader) {
    const seconds = reader.integer("timeout", { expressions: true }) ?? (() => 300);
    reader.choice("follow-redirects", ["false"]);
    reader.choice("fail-on-error-status-code", ["false"]);
    const whole = reader.choice("buffer-request-body", ["false", "true"]) === "true";
    const gathers = reader.choice("buffer-response", ["false", "true"]) !== "false";
    return async (exchange) => {
      if (whole) await exchange.request.body?.load();
      await forward(exchange, seconds(exchange), gathers);
      return undefined;
    };
  },
};

/**
 * Sends the request to the backend. Its response becomes the call's, with the body still streaming.
 * @param gathers Whether the body is buffered in blocks of 8 KB.
 */
export async function forward(exchange: Exchange, seconds: number, gathers = true): Promise<void> {
  const { backend, request } = exchange;
  const url = backendUrl(exchange);
  const headers = exchange.ownHeaders();
  for (const [name, values] of Object.entries(backend?.headers ?? {})) headers.set(name, values);
  headers.append("X-Forwarded-For", [exchange.ipAddress]);
  const sent = new RequestMessage(request.method, url, headers, request.body);
  const forwarded: NonNullable<Exchange["forwarded"]> = { url, headers, status: undefined, ms: 0 };
  exchange.forwarded = forwarded;
  const from = performance.now();
  const response = await throughBreaker(exchange, () =>
    exchange.services.outbound.send(sent, {
      seconds,
      whole: false,
      tls: backend?.tls ?? { chain: true, name: true },
      signal: exchange.signal,
    }),
  ).finally(() => {
    forwarded.ms = Math.round(performance.now() - from);
  });
  forwarded.status = response.status;
  if (gathers && !response.headers.get("Content-Length")) response.body.gather();
  exchange.response = response;
}

/**
 * Sends unless the backend's circuit is open, and counts the result. An open circuit is 503 ("Backends in API Management"),
 * here as an error: Azure does not document its reason, nor whether on-error runs.
 */
async function throughBreaker(
  { backend, services, signal }: Exchange,
  send: () => Promise<ResponseMessage>,
): Promise<ResponseMessage> {
  if (!backend?.breaker) return send();
  const { backendId, rule } = backend.breaker;
  if (services.breakers.isOpen(backendId)) {
    throw new GatewayError(503, "CircuitBreakerOpen", "The circuit breaker of the backend is open.");
  }
  try {
    const response = await send();
    services.breakers.count(backendId, rule, response.status);
    return response;
  } catch (thrown) {
    const error = asGatewayError(thrown);
    if (!signal.aborted) services.breakers.count(backendId, rule, error.status, error.reason);
    throw error;
  }
}

/** The backend URL of the call: base URL, path below the API, and query parameters of both. */
export function backendUrl(exchange: Exchange): Url {
  const { backend, request } = exchange;
  if (!backend) throw new GatewayError(500, "BackendConnectionFailure", "The API has no backend.");
  const url = new Url(new URL(backend.url));
  url.path = `${url.path.replace(/\/$/, "")}${request.url.path}`;
  url.queryString = request.url.queryString;
  for (const [name, values] of Object.entries(backend.query)) {
    url.deleteQuery(name);
    url.addQuery(name, values);
  }
  return url;
}
