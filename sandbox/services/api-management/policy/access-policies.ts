import type { Exchange } from "../gateway/exchange.ts";
import { GatewayError } from "../gateway/gateway-error.ts";
import type { Headers } from "../messages.ts";
import type { ElementReader } from "./reader.ts";
import type { Policy } from "./step.ts";

/** Reads an authentication-managed-identity element. */
export function readManagedIdentity(
  reader: ElementReader,
): ((exchange: Exchange, headers: Headers) => Promise<void>) | undefined {
  const resource = reader.string("resource", { required: true, expressions: true });
  const variable = reader.constant("output-token-variable-name");
  const ignoreError = reader.boolean("ignore-error");
  return (
    resource &&
    (async (exchange, headers) => {
      try {
        const token = await exchange.services.token(resource(exchange) ?? "");
        if (variable) exchange.variables.set(variable, token);
        headers.set("Authorization", [`Bearer ${token}`]);
      } catch (error) {
        if (!(error instanceof GatewayError) || !ignoreError?.(exchange)) throw error;
      }
    })
  );
}

/** authentication-managed-identity: signs the gateway in to the backend. */
export const authenticationManagedIdentity: Policy = {
  sections: ["inbound"],
  read(reader) {
    const signIn = readManagedIdentity(reader);
    return (
      signIn &&
      (async (exchange) => {
        await signIn(exchange, exchange.request.headers);
        return undefined;
      })
    );
  },
};

/** check-header: the request must have the header, with one of the listed values if there are any. */
export const checkHeader: Policy = {
  sections: ["inbound"],
  read(reader) {
    const name = reader.string("name", { required: true, expressions: true });
    const status = reader.integer("failed-check-httpcode", {
      required: true,
      expressions: true,
      least: 200,
      most: 599,
    });
    const message = reader.string("failed-check-error-message", { required: true, expressions: true });
    const ignoreCase = reader.boolean("ignore-case", { required: true, expressions: true });
    const values = reader.elements("value").map((element) => {
      const inner = reader.inside(element);
      const value = inner.content() ?? (() => "");
      inner.finish();
      return value;
    });
    if (!name || !status || !message || !ignoreCase) return undefined;
    return (exchange) => {
      const found = exchange.request.headers.get(name(exchange) ?? "")?.join(",");
      const fold = (text: string) => (ignoreCase(exchange) ? text.toLowerCase() : text);
      if (found === undefined || found === "") {
        throw new GatewayError(status(exchange), "HeaderNotFound", message(exchange));
      }
      if (values.length === 0 || values.some((value) => fold(value(exchange) ?? "") === fold(found)))
        return undefined;
      throw new GatewayError(status(exchange), "HeaderValueNotAllowed", message(exchange));
    };
  },
};
