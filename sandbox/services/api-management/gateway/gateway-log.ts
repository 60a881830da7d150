import type { LogEntry } from "../../monitor/monitor-data.ts";
import type { Headers } from "../messages.ts";
import type { Url } from "../url.ts";
import type { Exchange } from "./exchange.ts";

interface Masked {
  value: string;
  mode: "Mask" | "Hide";
}

interface LoggedMessage {
  headers?: string[];
  dataMasking?: { headers?: Masked[]; queryParams?: Masked[] };
}

/** The properties of an API's diagnostic. */
export interface LogSettings {
  logClientIp?: boolean;
  frontend?: { request?: LoggedMessage; response?: LoggedMessage };
  backend?: { request?: LoggedMessage; response?: LoggedMessage };
}

/** A call that is over. */
export interface LoggedCall {
  method: string;
  status: number;
  /** The whole time in milliseconds. */
  totalMs: number;
  /** Headers of the response. */
  responseHeaders: Headers;
}

/**
 * A line of the table ApiManagementGatewayLogs. Without a diagnostic of the API, URLs have their query and no header is
 * logged. Sources: tables/apimanagementgatewaylogs, api-management/api-management-howto-use-azure-monitor.
 */
export function gatewayLogEntry(
  resourceId: string,
  exchange: Exchange,
  call: LoggedCall,
  settings: LogSettings = {},
): LogEntry {
  const { frontend, backend } = settings;
  const { lastError, forwarded } = exchange;
  return {
    resourceId,
    category: "GatewayLogs",
    table: "ApiManagementGatewayLogs",
    line: {
      CorrelationId: exchange.requestId.text,
      ApiId: exchange.api.id,
      OperationId: exchange.operation.id,
      ApimSubscriptionId: exchange.subscription?.id ?? "",
      Method: call.method,
      Url: masked(exchange.originalUrl, frontend?.request),
      CallerIpAddress: settings.logClientIp === false ? "" : exchange.ipAddress,
      RequestHeaders: chosen(exchange.receivedHeaders, frontend?.request),
      ResponseCode: call.status,
      ResponseHeaders: chosen(call.responseHeaders, frontend?.response),
      IsRequestSuccess: call.status < 400,
      TotalTime: call.totalMs,
      BackendTime: forwarded?.ms ?? 0,
      BackendMethod: forwarded ? call.method : "",
      BackendUrl: forwarded ? masked(forwarded.url, backend?.request) : "",
      BackendRequestHeaders: forwarded ? chosen(forwarded.headers, backend?.request) : {},
      BackendResponseCode: forwarded?.status ?? null,
      LastErrorReason: lastError?.reason ?? "",
      LastErrorSource: lastError?.source ?? "",
      LastErrorSection: lastError?.section ?? "",
      LastErrorMessage: lastError?.message ?? "",
    },
  };
}

/** The URL, with the query parameters that are hidden or masked. */
function masked(url: Url, message: LoggedMessage | undefined): string {
  const rules = message?.dataMasking?.queryParams ?? [];
  const shown = url.copy();
  const pieces = url.queryString.slice(1).split("&").filter(Boolean);
  const kept = pieces.flatMap((piece) => {
    const [name = ""] = new URLSearchParams(piece).keys();
    const rule = rules.find(({ value }) => value === "*" || value.toLowerCase() === name.toLowerCase());
    if (rule?.mode === "Hide") return [];
    return rule ? [`${piece.split("=", 1)[0]}=***`] : [piece];
  });
  shown.queryString = kept.length === 0 ? "" : `?${kept.join("&")}`;
  return shown.toString();
}

/** The listed headers with their values. */
function chosen(headers: Headers, message: LoggedMessage | undefined): Record<string, string> {
  const rules = message?.dataMasking?.headers ?? [];
  const found: Record<string, string> = {};
  for (const name of message?.headers ?? []) {
    const value = headers.get(name)?.join(",");
    const rule = rules.find((each) => each.value.toLowerCase() === name.toLowerCase());
    if (value !== undefined && rule?.mode !== "Hide") found[name] = rule ? "***" : value;
  }
  return found;
}
