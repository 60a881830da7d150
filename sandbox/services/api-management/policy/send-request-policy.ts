import type { Exchange } from "../gateway/exchange.ts";
import { GatewayError } from "../gateway/gateway-error.ts";
import { Body, Headers, RequestMessage } from "../messages.ts";
import { Url } from "../url.ts";
import { readManagedIdentity } from "./access-policies.ts";
import { inOrder, readBody, readHeaderChange } from "./message-policies.ts";
import type { ElementReader, Evaluate } from "./reader.ts";
import { backendUrl } from "./routing-policies.ts";
import type { Policy } from "./step.ts";

const order = ["set-url", "set-method", "set-header", "set-body", "authentication-managed-identity"];

type Change = (exchange: Exchange, request: RequestMessage) => void | Promise<void>;

/** send-request: calls another service and stores its whole response in a variable. */
export const sendRequest: Policy = {
  sections: ["inbound", "backend", "outbound", "on-error"],
  read(reader) {
    const mode = reader.choice("mode", ["new", "copy"]) ?? "new";
    const variable = reader.constant("response-variable-name", { required: true });
    const seconds = reader.integer("timeout", { expressions: true }) ?? (() => 60);
    const ignoreError = reader.boolean("ignore-error", { expressions: true }) ?? (() => false);
    const children = inOrder(reader, order);
    const [[url], [method], headers, [body], [identity]] = children as [
      ElementReader[],
      ElementReader[],
      ElementReader[],
      ElementReader[],
      ElementReader[],
    ];
    if (mode === "new" && !(url && method))
      reader.problem("With mode 'new' set-url and set-method are required.");
    const target = url?.content({ required: true });
    const verb = method?.content({ required: true });
    if (mode === "copy") reader.reading.touches.add("request body");
    const changes: (Change | undefined)[] = [
      ...headers.map((inner) => {
        const change = readHeaderChange(inner);
        return change && ((exchange: Exchange, request: RequestMessage) => change(exchange, request.headers));
      }),
      body && bodyChange(readBody(body)),
      identity && signIn(identity),
    ];
    for (const inner of children.flat()) inner.finish();
    if (!variable) return undefined;
    return async (exchange) => {
      try {
        const request = startingRequest(exchange, mode, target, verb);
        for (const change of changes) await change?.(exchange, request);
        const options = { seconds: seconds(exchange), whole: true, tls: { chain: true, name: true } };
        exchange.variables.set(variable, await exchange.services.outbound.send(request, options));
      } catch (error) {
        if (!(error instanceof GatewayError) || !ignoreError(exchange)) throw error;
        exchange.services.log(`send-request: ${error.message}`);
        exchange.variables.set(variable, null);
      }
      return undefined;
    };
  },
};

function signIn(reader: ElementReader): Change | undefined {
  const authenticate = readManagedIdentity(reader);
  return authenticate && ((exchange, request) => authenticate(exchange, request.headers));
}

function bodyChange(text: Evaluate<string>): Change {
  return (exchange, request) => {
    request.body = new Body(Buffer.from(text(exchange) ?? "", "utf8"));
  };
}

function startingRequest(
  exchange: Exchange,
  mode: "new" | "copy",
  target: Evaluate<string> | undefined,
  verb: Evaluate<string> | undefined,
): RequestMessage {
  const { request } = exchange;
  const address = target ? target(exchange)?.trim() : backendUrl(exchange).toString();
  const url = URL.parse(address ?? "");
  if (url?.protocol !== "https:" && url?.protocol !== "http:") {
    throw new GatewayError(500, "InvalidUrl", "The URL of send-request is no http or https URL.");
  }
  const copied = mode === "copy";
  return new RequestMessage(
    verb?.(exchange)?.trim() ?? request.method,
    new Url(url),
    copied ? exchange.ownHeaders() : new Headers(),
    copied && request.body && exchange.section !== "outbound" ? new Body(request.body.read(true)) : null,
  );
}
