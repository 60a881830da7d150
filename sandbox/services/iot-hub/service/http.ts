import type { IncomingMessage, ServerResponse } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { type Context, Hono } from "hono";
import type { AzureEnvironment } from "../../../core/azure-environment.ts";
import { errorBody, HubError, notKnown } from "../errors.ts";
import type { Hub } from "../hub.ts";
import { parseJson } from "../json.ts";
import type { Throttles } from "../throttle.ts";
import { isStandard, type Operation } from "../tiers.ts";
import { authenticate, authorize, type DataAction } from "./authorization.ts";
import { readBody } from "./body.ts";

/**
 * Versions that a live hub answers (mwalser/terraform-provider-iothub), with those that released SDKs and the
 * documentation's own examples send. azure-iothub and the Azure CLI send 2021-04-12.
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

/**
 * The most that is read of a body, in bytes: on the service side a bulk call of 100 devices with full twins, on the
 * devices' a batch of 256 KB in base64 with its properties.
 */
const serviceBytes = 8 * 1024 * 1024;
const deviceBytes = 512 * 1024;

/** One request that is allowed, to one hub. */
export interface Call {
  hub: Hub;
  /** A part of the path, decoded. */
  param(name: string): string;
  query(name: string): string | undefined;
  header(name: string): string | undefined;
  /** All headers, their names in lower case. */
  headers(): Record<string, string>;
  /** The body as JSON; @throws HubError MessageTooLarge, or as parseJson does. */
  json(): Promise<unknown>;
  /** The body as it is; @throws HubError MessageTooLarge. */
  bytes(): Promise<Buffer>;
}

/** What a handler gives back: JSON (200), or a whole response. */
export type Answer = Response | Record<string, unknown> | unknown[];

/** What a route asks of its caller before the handler runs. */
export interface RouteRules {
  /** All of these, at the hub. */
  actions: DataAction[];
  /** The throttle it counts against; "own" when the handler takes it, since the cost is in the body. */
  throttle: Operation | "own";
  /** Whether basic tiers lack it; false when left out. */
  standardOnly?: boolean;
  /** Whether errors come in the nested form, as for direct methods. */
  nestedErrors?: boolean;
}

/** The hub's REST side: service routes that need a role, and device routes that check their own token. */
export class HubHttp {
  private readonly app = new Hono<{ Bindings: { incoming: IncomingMessage } }>({ strict: false });
  private readonly azure: AzureEnvironment;
  private readonly throttles: Throttles;
  private readonly hubs = new WeakMap<IncomingMessage, Hub>();
  private readonly listener: (req: IncomingMessage, res: ServerResponse) => void;

  constructor(azure: AzureEnvironment, throttles: Throttles) {
    this.azure = azure;
    this.throttles = throttles;
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

  handle(hub: Hub, req: IncomingMessage, res: ServerResponse): void {
    this.hubs.set(req, hub);
    void this.listener(req, res);
  }

  /** A route of the service side. */
  service(
    method: string,
    path: string,
    rules: RouteRules,
    handler: (call: Call) => Answer | Promise<Answer>,
  ): void {
    this.app.on(method, path, async (context) => {
      const hub = this.hub(context);
      try {
        const operation = `${method} on ${new URL(context.req.url).pathname}`;
        const caller = await authenticate(this.azure, hub, context.req.header("authorization"));
        authorize(this.azure, hub, caller, rules.actions, operation);
        checkVersion(context);
        if (rules.standardOnly && !isStandard(hub.sku)) {
          throw new HubError("OperationNotAvailableInCurrentTier", `Not available in tier ${hub.sku}.`);
        }
        if (rules.throttle !== "own") await this.throttles.take(hub, rules.throttle);
        return respond(context, await handler(toCall(hub, context, serviceBytes)));
      } catch (error) {
        if (rules.nestedErrors && error instanceof HubError && error.status !== 401) {
          return this.failure(context, error, true);
        }
        throw error;
      }
    });
  }

  /** A route of the device side; the handler checks the device's token. */
  device(method: string, path: string, handler: (call: Call) => Answer | Promise<Answer>): void {
    this.app.on(method, path, async (context) => {
      checkVersion(context);
      return respond(context, await handler(toCall(this.hub(context), context, deviceBytes)));
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
    // A live hub closes the connection on 429, and says nothing of when to come back; here also on what was not read.
    if (error.status === 429 || error.status === 413) headers.connection = "close";
    return context.body(errorBody(error, this.azure.clock.now(), nested), error.status as 400, headers);
  }
}

function checkVersion(context: Context): void {
  const version = context.req.query("api-version");
  if (!version || !apiVersions.has(version)) {
    throw new HubError("InvalidProtocolVersion", `The api-version ${version ?? ""} is not supported.`);
  }
}

function toCall(hub: Hub, context: Context, mostBytes: number): Call {
  const bytes = () => readBody(context.req.raw, mostBytes);
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
