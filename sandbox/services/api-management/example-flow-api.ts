import {
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import { request as httpsRequest } from "node:https";
import { getRequestListener } from "@hono/node-server";
import { Hono } from "hono";
import type { ServiceEndpoint } from "../../proxy/service-endpoint.ts";

/** A request as it reached the Flow API. */
export interface SeenRequest {
  host: string;
  method: string;
  /** Path and query. */
  url: string;
  headers: IncomingHttpHeaders;
}

export interface ExampleFlowApiOptions {
  /** Base URLs of real backends by host name. Requests to these hosts are forwarded to them. */
  backends?: Record<string, string>;
  /**
   * Whether a request came through the gateway, by its header Authorization. Other requests get 401. Default: not checked.
   */
  isFromGateway?: (authorization: string | undefined) => Promise<boolean>;
}

/** The backend behind the gateway. */
export interface ExampleFlowApi {
  endpoint: ServiceEndpoint;
  /** The latest requests, oldest first; at most 1000. Only in memory: their headers may hold a token. */
  seen: SeenRequest[];
}

const maxSeenRequests = 1000;

/** Invented employees. */
const employees = [
  { badge: "1001", number: "E-1", name: "Example Employee One" },
  { badge: "1002", number: "E-2", name: "Example Employee Two" },
  { badge: "1003", number: "E-3", name: "Example Employee Three" },
];

const balances = new Map([
  ["E-1", { flexHours: 7.5, vacationDays: 20 }],
  ["E-2", { flexHours: -2, vacationDays: 25 }],
  ["E-3", { flexHours: 0, vacationDays: 12.5 }],
]);

/**
 * A small lookup service with invented data. It answers for example.com and its subdomains, which RFC 2606 reserves
 * for examples and which Pulumi.dev.yaml names as the Flow API.
 */
export function createExampleFlowApi(options: ExampleFlowApiOptions = {}): ExampleFlowApi {
  const seen: SeenRequest[] = [];
  const backends = new Map(Object.entries(options.backends ?? {}));
  const { isFromGateway = async () => true } = options;
  const listener = getRequestListener(application(isFromGateway).fetch, { overrideGlobalObjects: false });
  return {
    seen,
    endpoint: {
      serves: (host) => host === "example.com" || host.endsWith(".example.com") || backends.has(host),
      request: (req, res, { host }) => {
        seen.push({ host, method: req.method ?? "", url: req.url ?? "", headers: req.headers });
        seen.splice(0, seen.length - maxSeenRequests);
        const backend = backends.get(host);
        if (backend) forward(backend, req, res);
        else void listener(req, res);
      },
    },
  };
}

function application(isFromGateway: NonNullable<ExampleFlowApiOptions["isFromGateway"]>): Hono {
  const lookups = new Hono()
    .get("/health", (c) => c.json({ status: "ok" }))
    .get("/v1/employees/:badge", (c) => {
      const found = employees.find((employee) => employee.badge === c.req.param("badge"));
      return found ? c.json(found) : c.json({ message: "No employee has this badge." }, 404);
    })
    .get("/v1/balances/:number", (c) => {
      const number = c.req.param("number");
      const found = balances.get(number);
      return found ? c.json({ number, ...found }) : c.json({ message: "No employee has this number." }, 404);
    })
    .post("/v1/lookups", async (c) => {
      const asked: { badges?: unknown } = await c.req.json().catch(() => ({}));
      if (!Array.isArray(asked.badges))
        return c.json({ message: 'The body must be {"badges": [...]}.' }, 400);
      const { badges } = asked;
      return c.json({ employees: employees.filter((employee) => badges.includes(employee.badge)) });
    });
  const app = new Hono()
    .use(async (c, next) => {
      if (await isFromGateway(c.req.header("Authorization"))) return next();
      return c.json({ message: "The call did not come through the gateway." }, 401);
    })
    .route("/", lookups)
    .route("/flow", lookups);
  return app.notFound((c) => c.json({ message: `There is no ${c.req.path} here.` }, 404));
}

/** Forwards a request to a real backend and returns its response. */
function forward(backend: string, req: IncomingMessage, res: ServerResponse): void {
  const base = new URL(backend);
  const path = `${base.pathname.replace(/\/$/, "")}${req.url ?? "/"}`;
  const request = base.protocol === "https:" ? httpsRequest : httpRequest;
  const outgoing = request(
    {
      host: base.hostname,
      port: base.port,
      path,
      method: req.method,
      headers: { ...req.headers, host: base.host },
    },
    (answer) => {
      res.writeHead(answer.statusCode ?? 502, answer.statusMessage, answer.headers);
      answer.pipe(res);
    },
  );
  outgoing.on("error", (error) => {
    if (res.headersSent) res.destroy();
    else res.writeHead(502, { "Content-Type": "text/plain" }).end(`${base.origin}: ${error.message}\n`);
  });
  res.on("close", () => outgoing.destroy());
  req.pipe(outgoing);
}
