import type { Exchange } from "../gateway/exchange.ts";
import { GatewayError } from "../gateway/gateway-error.ts";
import { Body, type Headers, ResponseMessage, token } from "../messages.ts";
import type { ElementReader, Evaluate } from "./reader.ts";
import type { Policy } from "./step.ts";

const everywhere = ["inbound", "backend", "outbound", "on-error"] as const;
const actions = ["override", "skip", "append", "delete"] as const;

/** Headers that belong to the connection. Source: "Set header", usage notes. */
const untouchable = ["connection", "content-length", "keep-alive", "transfer-encoding"];

interface Change {
  name: Evaluate<string>;
  action: (typeof actions)[number];
  values: Evaluate<string>[];
}

/** Reads name, exists-action and values of set-header and set-query-parameter. */
function readChange(reader: ElementReader): Change | undefined {
  const name = reader.string("name", { required: true, expressions: true });
  const action = reader.choice("exists-action", actions) ?? "override";
  const elements = reader.elements("value");
  const values = elements.map((element) => {
    const inner = reader.inside(element);
    const value = inner.content() ?? (() => "");
    inner.finish();
    return value;
  });
  if (values.length === 0 && action !== "delete") reader.problem("The element 'value' is required.");
  return name && { name, action, values };
}

/** Reads a set-header element. */
export function readHeaderChange(
  reader: ElementReader,
): ((exchange: Exchange, headers: Headers) => void) | undefined {
  const literal = reader.literal("name")?.trim().toLowerCase();
  if (literal !== undefined && untouchable.includes(literal)) {
    reader.problem(`The header '${literal}' cannot be modified or deleted.`);
  } else if (literal === "server" && reader.literal("exists-action") === "delete") {
    reader.problem("Removal of the header 'Server' isn't supported.");
  } else if (literal !== undefined && !token.test(literal)) {
    reader.problem("The attribute 'name' is no name that a header may have.");
  }
  const change = readChange(reader);
  return (
    change &&
    ((exchange, headers) => {
      const name = (change.name(exchange) ?? "").trim();
      if (!token.test(name) || untouchable.includes(name.toLowerCase())) {
        throw new GatewayError(500, "InvalidHeader", "set-header names no header that can be changed.");
      }
      const exists = headers.get(name) !== undefined;
      if (change.action === "delete") headers.delete(name);
      else if (change.action === "skip" && exists) return;
      else {
        const values = change.values.map((value) => (value(exchange) ?? "").trim());
        if (change.action === "append") headers.append(name, values);
        else headers.set(name, values);
      }
    })
  );
}

/** set-header: on the request in inbound and backend, on the response afterwards. */
export const setHeader: Policy = {
  sections: everywhere,
  read(reader) {
    const change = readHeaderChange(reader);
    return (
      change &&
      ((exchange) => {
        change(exchange, exchange.message.headers);
        return undefined;
      })
    );
  },
};

/** set-query-parameter: on the request to the backend. */
export const setQueryParameter: Policy = {
  sections: ["inbound", "backend"],
  read(reader) {
    const change = readChange(reader);
    return (
      change &&
      ((exchange) => {
        const { url } = exchange.request;
        const name = change.name(exchange) ?? "";
        if (change.action === "skip" && url.query().has(name.toLowerCase())) return undefined;
        const values = change.values.map((value) => value(exchange) ?? "");
        if (change.action !== "append") url.deleteQuery(name);
        if (change.action !== "delete") url.addQuery(name, values);
        return undefined;
      })
    );
  },
};

/** Reads the text of a set-body. */
export function readBody(reader: ElementReader): Evaluate<string> {
  return reader.content() ?? (() => "");
}

/** set-body: a request without a body gets none, as in Azure. Source: "Set body", usage notes. */
export const setBody: Policy = {
  sections: ["inbound", "backend", "outbound"],
  read(reader) {
    const text = readBody(reader);
    return (exchange) => {
      const { message } = exchange;
      const next = text(exchange) ?? "";
      if (!message.body) {
        throw new GatewayError(500, "ExpressionValueEvaluationFailure", "The request has no body to set.");
      }
      if (message === exchange.response) message.body.discard();
      message.body = new Body(Buffer.from(next, "utf8"));
      return undefined;
    };
  },
};

/** Reads code and reason of a set-status. */
export function readStatus(
  reader: ElementReader,
): ((exchange: Exchange, response: ResponseMessage) => void) | undefined {
  // A status below 200 is interim: the caller would wait for the final one.
  const code = reader.integer("code", { required: true, expressions: true, least: 200, most: 599 });
  const reason = reader.string("reason", { required: true, expressions: true });
  return (
    code &&
    reason &&
    ((exchange, response) => {
      response.status = code(exchange);
      response.reason = reason(exchange) ?? "";
    })
  );
}

/** set-status: changes the current response, which exists only after the backend has answered. */
export const setStatus: Policy = {
  sections: everywhere,
  read(reader) {
    const status = readStatus(reader);
    return (
      status &&
      ((exchange) => {
        status(exchange, exchange.currentResponse);
        return undefined;
      })
    );
  },
};

/** return-response: ends the call with a new response, or with a changed copy of one in a variable. */
export const returnResponse: Policy = {
  sections: everywhere,
  read(reader) {
    const variable = reader.constant("response-variable-name");
    const [status, headers, body] = inOrder(reader, ["set-status", "set-header", "set-body"]);
    const changes = [
      ...status!.map((inner) => readStatus(inner)),
      ...headers!.map((inner) => {
        const change = readHeaderChange(inner);
        return (
          change && ((exchange: Exchange, response: ResponseMessage) => change(exchange, response.headers))
        );
      }),
      ...body!.map((inner) => {
        const text = readBody(inner);
        return (exchange: Exchange, response: ResponseMessage) => {
          response.body = new Body(Buffer.from(text(exchange) ?? "", "utf8"));
        };
      }),
    ];
    for (const inner of [...status!, ...headers!, ...body!]) inner.finish();
    return (exchange) => {
      const response = startingResponse(exchange, variable);
      for (const change of changes) change?.(exchange, response);
      if (exchange.response?.body !== response.body) exchange.response?.body.discard();
      exchange.response = response;
      return "stop";
    };
  },
};

function startingResponse(exchange: Exchange, variable: string | undefined): ResponseMessage {
  if (variable === undefined) return new ResponseMessage(200, "OK");
  const known = exchange.variables.get(variable);
  if (known instanceof ResponseMessage) {
    return new ResponseMessage(known.status, known.reason, known.headers.copy(), known.body);
  }
  throw new GatewayError(500, "VariableNotFound", `The variable '${variable}' holds no response.`);
}

/**
 * Readers of child elements by name. Children must come in this order, each once except set-header.
 * Source: the policies' reference, "Set the policy's elements and child elements in the order provided".
 */
export function inOrder(reader: ElementReader, names: string[]): ElementReader[][] {
  const children = reader.element.children;
  const places = children.map((child) => names.indexOf(child.name));
  const misplaced = children.find(
    (_, index) => index > 0 && places[index]! < places[index - 1]! && places[index]! >= 0,
  );
  if (misplaced) reader.problem(`It must come earlier: the order is ${names.join(", ")}.`, misplaced);
  return names.map((name) => {
    const elements = reader.elements(name);
    if (elements[1] && name !== "set-header") reader.problem("It can stand here only once.", elements[1]);
    return elements.map((element) => reader.inside(element));
  });
}
