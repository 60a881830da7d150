import { ResponseMessage } from "../messages.ts";
import type { CompiledPolicy } from "../policy/compile-policy.ts";
import { runSteps } from "../policy/step.ts";
import { errorResponse } from "./error-response.ts";
import type { Exchange } from "./exchange.ts";
import { asGatewayError, GatewayError } from "./gateway-error.ts";

/**
 * Runs a call through its policy: inbound, backend, outbound, and on-error after a failure.
 * @param admit The built-in check of the subscription key before the policy. Its errors go to on-error.
 * @returns The response to the caller.
 */
export async function runPolicy(
  exchange: Exchange,
  policy: CompiledPolicy,
  admit: () => void,
): Promise<ResponseMessage> {
  try {
    admit();
    if (policy.touches.has("request body")) await exchange.request.body?.load();
    await runSections(exchange, policy);
  } catch (thrown) {
    await handle(exchange, policy, thrown);
  }
  for (const afterwards of exchange.afterwards) {
    try {
      afterwards();
    } catch (thrown) {
      log(exchange, known(exchange, thrown));
    }
  }
  return exchange.response ?? new ResponseMessage(200, "OK");
}

async function runSections(exchange: Exchange, policy: CompiledPolicy): Promise<void> {
  for (const section of ["inbound", "backend", "outbound"] as const) {
    if (section === "outbound") await arrived(exchange, policy);
    exchange.section = section;
    if ((await runSteps(policy.sections[section], exchange)) === "stop") return;
  }
}

/** After the backend section there is always a response. Its body is buffered only if the policy reads it. */
async function arrived(exchange: Exchange, policy: CompiledPolicy): Promise<void> {
  exchange.response ??= new ResponseMessage(200, "OK");
  if (!policy.touches.has("response body")) return;
  try {
    await exchange.response.body.load();
  } catch {
    throw new GatewayError(500, "BackendConnectionFailure", "The backend's answer broke off.", {
      source: "forward-request",
    });
  }
}

/** Converts an error to a response, and runs on-error, which may change it. */
async function handle(exchange: Exchange, policy: CompiledPolicy, thrown: unknown): Promise<void> {
  const error = known(exchange, thrown);
  exchange.response?.body.discard();
  exchange.lastError = {
    source: error.source ?? "configuration",
    reason: error.reason,
    message: error.message,
    scope: "api",
    section: exchange.section,
    path: error.path ?? null,
    policyId: error.policyId ?? null,
  };
  exchange.response = errorResponse(error, exchange.requestId.text);
  log(exchange, error);
  exchange.section = "on-error";
  try {
    await runSteps(policy.sections["on-error"], exchange);
  } catch (again) {
    const second = known(exchange, again);
    log(exchange, second);
    exchange.response = errorResponse(
      new GatewayError(500, second.reason, second.message),
      exchange.requestId.text,
    );
  }
}

function known(exchange: Exchange, thrown: unknown): GatewayError {
  try {
    return asGatewayError(thrown);
  } catch (bug) {
    exchange.services.log(`api-management ${exchange.serviceName}: ${(bug as Error).stack}`);
    return new GatewayError(500, "InternalServerError", "Internal server error");
  }
}

function log(exchange: Exchange, error: GatewayError): void {
  const place = [exchange.section, error.path].filter(Boolean).join("/");
  exchange.services.log(
    `api-management ${exchange.serviceName}: ${error.reason} in ${place}: ${error.message}`,
  );
}
