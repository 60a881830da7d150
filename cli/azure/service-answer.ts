import { t } from "../words/translate.ts";
import { printableHeader } from "./network-errors.ts";
import { findServiceError, logAnalyticsHost } from "./service-errors.ts";

/** What is known of an answer before it is believed. */
export interface ReceivedAnswer {
  method: string;
  url: string;
  status: number;
  header(name: string): string | undefined;
  /** Undefined for a body that is read as a stream. */
  body: string | undefined;
  /** URL of the proxy that the request was sent through; undefined without one. */
  proxyUrl: string | undefined;
}

/** Whether an answer has the form in which a service answers. */
type Form = (answer: ReceivedAnswer) => boolean;

/** Statuses that say "not signed in", "not allowed" and "not there". They count only with the service's error code. */
const isVerdict = (status: number) => status === 401 || status === 403 || status === 404;

/**
 * Resource Manager adds these headers to every answer ("Resource Manager requests and throttling"), and the body of an error
 * is `{"error": {"code": …}}` (Microsoft REST API guidelines). Some providers omit `error`. A code that only Resource
 * Manager has is enough, for a proxy that drops headers.
 */
const isResourceManagerAnswer: Form = ({ method, status, header, body }) => {
  const value = parseObject(body ?? "");
  const { code } = (value?.error ?? value ?? {}) as { code?: unknown };
  if (status >= 400 && findServiceError(String(code), "Resource Manager")) return true;
  const ids = ["x-ms-request-id", "x-ms-correlation-request-id", "x-ms-routing-request-id"];
  if (!ids.some((name) => header(name) !== undefined)) return false;
  if (method === "HEAD") return true;
  if (isVerdict(status)) return code !== undefined;
  return !body || value !== undefined;
};

/**
 * Blob and table storage add x-ms-request-id to every answer. Error codes are in the header x-ms-error-code, and in the body
 * (`<Code>` in XML, `odata.error` in JSON); an answer to HEAD has no body ("Status and error codes" of the REST API).
 */
const isStorageAnswer: Form = ({ status, header, body }) => {
  if (status >= 400 && header("x-ms-error-code") !== undefined) return true;
  if (header("x-ms-request-id") === undefined) return false;
  return !isVerdict(status) || /<Code>\w+<\/Code>|"odata\.error"/.test(body ?? "");
};

/**
 * The IoT Hub answers with JSON, or with 204 and no body. An error has its code in the header iothub-errorcode, and in the
 * body as `{"Message": "ErrorCode:DeviceNotFound;…"}` or with a number (azure-iot-sdk-csharp, ExceptionHandlingHelper).
 */
const isHubAnswer: Form = ({ method, status, header, body }) => {
  if (status >= 400) {
    return (
      header("iothub-errorcode") !== undefined ||
      /"Message":\s*"(ErrorCode:\w+|\{\\"errorCode\\":\d+)/.test(body ?? "")
    );
  }
  if (!body) return status === 204 && method === "DELETE";
  return parseObject(body) !== undefined || parseArray(body);
};

/** Log Analytics answers with tables, or with `{"error": {"code": …}}` ("Azure Monitor Log Analytics API response format"). */
const isLogAnalyticsAnswer: Form = ({ status, body }) => {
  const value = parseObject(body ?? "");
  if (status < 400) return Array.isArray(value?.tables);
  return typeof (value?.error as { code?: unknown } | undefined)?.code === "string";
};

/** Entra ID answers with JSON: a token, a discovery document, or an error with its AADSTS number. */
const isEntraIdAnswer: Form = ({ status, body }) => {
  const value = parseObject(body ?? "");
  if (!value) return false;
  if (status >= 400) return "error_codes" in value || /AADSTS\d+/.test(String(value.error_description));
  const members = [
    "access_token",
    "token_endpoint",
    "tenant_discovery_endpoint",
    "keys",
    "cloud_instance_name",
  ];
  return members.some((name) => name in value);
};

/** Microsoft Graph adds request-id to every answer, and answers with JSON ("Microsoft Graph error responses"). */
const isGraphAnswer: Form = ({ status, header, body }) => {
  const value = parseObject(body ?? "");
  if (status >= 400) return typeof (value?.error as { code?: unknown } | undefined)?.code === "string";
  return header("request-id") !== undefined && value !== undefined;
};

const forms: [host: RegExp, form: Form][] = [
  [/^management\.azure\.com$/i, isResourceManagerAnswer],
  [/\.(blob|table)\.core\.windows\.net$/i, isStorageAnswer],
  [/\.azure-devices\.net$/i, isHubAnswer],
  [new RegExp(`^${RegExp.escape(logAnalyticsHost)}$`, "i"), isLogAnalyticsAnswer],
  [/^graph\.microsoft\.com$/i, isGraphAnswer],
  [/^login\.microsoftonline\.com$/i, isEntraIdAnswer],
];

/** Statuses after which the same request can succeed. Azure's own load balancers also answer with them, without a form. */
const transientStatuses = new Set([408, 429, 500, 502, 503, 504]);

/**
 * An answer that did not come from the service: of a proxy that inspects TLS, or of a load balancer. Its name makes the Azure
 * SDKs treat it as a failed request, and the code ECONNRESET makes them retry it.
 */
export class ForeignAnswer extends Error {
  override readonly name = "RestError";
  readonly code: string;
  /** For example "HTTP 403". */
  readonly shownCode: string;

  constructor(message: string, status: number) {
    super(message);
    this.shownCode = `HTTP ${status}`;
    this.code = transientStatuses.has(status) ? "ECONNRESET" : this.shownCode;
  }

  /** Whether the same request can succeed later. */
  get isTransient(): boolean {
    return this.code !== this.shownCode;
  }
}

/**
 * Checks that an answer came from the service at the request's host. Answers of other hosts, such as the Flow API, are not
 * checked.
 * @throws ForeignAnswer for a page of a proxy, a redirect (none of these services sends one), or any answer without the
 *   service's own form.
 */
export function expectServiceAnswer(answer: ReceivedAnswer): void {
  const { hostname } = new URL(answer.url);
  const form = forms.find(([host]) => host.test(hostname))?.[1];
  if (!form) return;
  const { status } = answer;
  const isRedirect = status >= 300 && status < 400 && status !== 304;
  const isPage = /^text\/html/i.test(answer.header("content-type") ?? "");
  if (!isRedirect && !isPage && form(answer)) return;
  throw new ForeignAnswer(describe(answer, hostname), status);
}

function describe({ status, header, proxyUrl }: ReceivedAnswer, hostname: string): string {
  const location = URL.parse(header("location") ?? "")?.hostname;
  const facts = [
    printableHeader(header("content-type")) ?? "no content type",
    ...(location ? [`redirect to ${printableHeader(location)}`] : []),
    ...(printableHeader(header("server")) ? [`Server: ${printableHeader(header("server"))}`] : []),
    ...(printableHeader(header("via")) ? [`Via: ${printableHeader(header("via"))}`] : []),
  ];
  const what = `${status} (${facts.join(", ")})`;
  return proxyUrl
    ? t`the answer did not come from the service: ${hostname} answered through the proxy ${new URL(proxyUrl).host} with ${what}`
    : t`the answer did not come from the service: ${hostname} answered with ${what}`;
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text.replace(/^\uFEFF/, ""));
    return value !== null && typeof value === "object" && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

function parseArray(text: string): boolean {
  try {
    return Array.isArray(JSON.parse(text));
  } catch {
    return false;
  }
}
