import type { IncomingMessage, ServerResponse } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { type Context, Hono } from "hono";
import type { AzureEnvironment } from "../../../core/azure-environment.ts";
import { listRoutes, type Route } from "../../../core/list-routes.ts";
import { errorBody, HubError, notKnown } from "../errors.ts";
import type { Hub } from "../hub.ts";
import { parseJson } from "../parse-json.ts";
import type { Throttles } from "../throttle.ts";
import { isStandard, type Operation } from "../tiers.ts";
import { authenticate, authorize, type DataAction } from "./authorization.ts";
import { readBody } from "./body.ts";

/**
 * API versions that a live hub accepts (mwalser/terraform-provider-iothub), and those that released SDKs and examples in
 * the documentation send. azure-iothub and the Azure CLI send 2021-04-12.
 */
export const apiVersions = new Set([
  "2016-11-14",
  "2018-06-30",
  "2019-03-30",
  "2019-10-01",
  "2020-03-13",
  "2020-05-31-preview",
  "2020-09-30",
  "2021-04-12",
  "2024-03-31",
]);

const methodOverride = "x-http-method-override";

/** Maximum body of the service API: a bulk call of 100 devices with full twins. */
const maxServiceBytes = 8 * 1024 * 1024;
/** Maximum body of the device API: a batch of 256 KB in base64, with its properties. */
const maxDeviceBytes = 512 * 1024;

/** A request to a hub, after its checks. */
export interface Call {
  hub: Hub;
  /** A parameter of the path, decoded. */
  param(name: string): string;
  query(name: string): string | undefined;
  header(name: string): string | undefined;
  /** All headers, their names in lower case. */
  headers(): Record<string, string>;
  /** The body as JSON. @throws HubError MessageTooLarge, or as parseJson does. */
  json(): Promise<unknown>;
  /** The body's bytes. @throws HubError MessageTooLarge. */
  bytes(): Promise<Buffer>;
}

/** A handler's result: JSON for a 200, or a whole response. */
export type Answer = Response | Record<string, unknown> | unknown[];

/** The checks of a route before its handler runs. */
export interface RouteRules {
  /** The caller needs the right to all of these at the hub. */
  actions: DataAction[];
  /** The throttle that counts the call; "own" when the handler counts it itself, because the cost is in the body. */
  throttle: Operation | "own";
  /** Whether basic tiers refuse it; default false. */
  standardOnly?: boolean;
  /** Whether errors have the nested form, as for direct methods; default false. */
  nestedErrors?: boolean;
}

/** The hub's REST API: routes of the service side, which need a role, and routes of devices, which check a device SAS. */
export class HubHttp {
  private readonly app = new Hono<{ Bindings: { incoming: IncomingMessage } }>({ strict: false });
  private readonly azure: AzureEnvironment;
  private readonly throttles: Throttles;
  private readonly hubs = new WeakMap<IncomingMessage, Hub>();
  private readonly listener: (req: IncomingMessage, res: ServerResponse) => void;

  constructor(azure: AzureEnvironment, throttles: Throttles) {
    this.azure = azure;
    this.throttles = throttles;
    this.app.use(async (context, next) => {
      const method = context.req.method === "POST" && context.req.header(methodOverride);
      if (method) throw notKnown(`the method ${method} in X-HTTP-Method-Override`);
      await next();
    });
    this.app.notFound((context) => {
      const what = `${context.req.method} ${new URL(context.req.url).pathname}`;
      return this.failure(context, notKnown(`the IoT Hub call ${what}`));
    });
    this.app.onError((error, context) => {
      if (error instanceof HubError) return this.failure(context, error);
      this.azure.log(`IoT Hub ${context.req.method} ${new URL(context.req.url).pathname}: ${error.stack}`);
      return this.failure(context, new HubError("ServerError", "InternalServerError"));
    });
    this.listener = getRequestListener(this.app.fetch, { overrideGlobalObjects: false });
  }

  get routes(): Route[] {
    return listRoutes(this.app);
  }

  handle(hub: Hub, req: IncomingMessage, res: ServerResponse): void {
    this.hubs.set(req, hub);
    if (req.method === "POST") overrideMethod(req);
    void this.listener(req, res);
  }

  /** Adds a route of the service API. */
  service(
    method: string,
    path: string,
    rules: RouteRules,
    handler: (call: Call) => Answer | Promise<Answer>,
  ): void {
    this.app.on(method, path, async (context) => {
      const hub = this.hub(context);
      try {
        const { pathname } = new URL(context.req.url);
        const operation = `${method} on ${pathname}`;
        const caller = await authenticate(this.azure, hub, context.req.header("authorization"), pathname);
        authorize(this.azure, hub, caller, rules.actions, operation);
        checkVersion(context);
        if (rules.standardOnly && !isStandard(hub.sku)) {
          throw new HubError("OperationNotAvailableInCurrentTier", `Not available in tier ${hub.sku}.`);
        }
        if (rules.throttle !== "own") await this.throttles.acquire(hub, rules.throttle);
        return respond(context, await handler(toCall(hub, context, maxServiceBytes)));
      } catch (error) {
        if (rules.nestedErrors && error instanceof HubError && error.status !== 401) {
          return this.failure(context, error, true);
        }
        throw error;
      }
    });
  }

  /** Adds a route of the device API. The handler checks the device's token. */
  device(method: string, path: string, handler: (call: Call) => Answer | Promise<Answer>): void {
    this.app.on(method, path, async (context) => {
      checkVersion(context);
      return respond(context, await handler(toCall(this.hub(context), context, maxDeviceBytes)));
    });
  }

  private hub(context: Context<{ Bindings: { incoming: IncomingMessage } }>): Hub {
    return this.hubs.get(context.env.incoming) as Hub;
  }

  private failure(context: Context, error: HubError, nested = false): Response {
    const headers: Record<string, string> = {
      "content-type": "application/json; charset=utf-8",
      "iothub-errorcode": error.code,
    };
    // A live hub closes the connection with a 429 and sends no Retry-After. After a 413 the body was not read.
    if (error.status === 429 || error.status === 413) headers.connection = "close";
    return context.body(errorBody(error, this.azure.clock.now(), nested), error.status as 400, headers);
  }
}

/**
 * Gives a POST the method in X-HTTP-Method-Override. The Java SDK sends a PATCH of a twin in this way, because Java's
 * HttpURLConnection has no PATCH (azure-iot-sdk-java, HttpRequest). PUT and DELETE are inferred.
 */
function overrideMethod(req: IncomingMessage): void {
  const method = String(req.headers[methodOverride]).trim().toUpperCase();
  if (["PATCH", "PUT", "DELETE"].includes(method)) req.method = method;
}

function checkVersion(context: Context): void {
  const version = context.req.query("api-version");
  if (!version || !apiVersions.has(version)) {
    throw new HubError("InvalidProtocolVersion", `The api-version ${version ?? ""} is not supported.`);
  }
}

function toCall(hub: Hub, context: Context, maxBytes: number): Call {
  const bytes = () => readBody(context.req.raw, maxBytes);
  return {
    hub,
    param: (name) => context.req.param(name) as string,
    query: (name) => context.req.query(name),
    header: (name) => context.req.header(name),
    headers: () => context.req.header(),
    json: async () => parseJson((await bytes()).toString("utf8"), "The body"),
    bytes,
  };
}

function respond(context: Context, answer: Answer): Response {
  return answer instanceof Response ? answer : context.json(answer);
}
