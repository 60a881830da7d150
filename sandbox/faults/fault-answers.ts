import { randomUUID } from "node:crypto";
import type { FaultAnswer } from "../proxy/faults.ts";
import { errorBody, HubError, type HubErrorCode } from "../services/iot-hub/errors.ts";

/** Codes of IoT Hub. Source: "Troubleshoot Azure IoT Hub error codes". */
const hubCodes: Record<number, HubErrorCode> = {
  429: "ThrottlingBacklogTimeout",
  500: "ServerError",
  504: "GatewayTimeout",
};

/** Codes of Azure Storage, which throttles with 503. Source: "Common REST API error codes". */
const storageCodes: Record<number, string> = { 500: "InternalError", 503: "ServerBusy" };

/** Codes of Azure Resource Manager. Source: "Understand how Azure Resource Manager throttles requests". */
const managementCodes: Record<number, string> = {
  429: "TooManyRequests",
  500: "InternalServerError",
  503: "ServiceUnavailable",
};

/**
 * The answer of a fault in the form of the service, as far as its documentation gives a code for the status; otherwise
 * the status alone, as from a load balancer before the service.
 */
export function faultAnswer(
  host: string,
  status: number,
  retryAfterSeconds: number | undefined,
): FaultAnswer {
  const { headers, body } = bodyOf(host, status);
  if (retryAfterSeconds === undefined) return { status, headers, body };
  return { status, headers: { ...headers, "retry-after": String(retryAfterSeconds) }, body };
}

function bodyOf(host: string, status: number): Pick<FaultAnswer, "headers" | "body"> {
  const json = { "content-type": "application/json; charset=utf-8" };
  if (host.endsWith(".azure-devices.net") && hubCodes[status]) {
    const error = new HubError(hubCodes[status], "A fault of the sandbox.");
    // A live hub closes the connection with a 429 and sends no Retry-After.
    const connection: Record<string, string> = status === 429 ? { connection: "close" } : {};
    const headers = { ...json, ...connection, "iothub-errorcode": error.code };
    return { headers, body: errorBody(error, Date.now()) };
  }
  const storageCode = storageCodes[status];
  if (/\.(blob|table)\.core\.windows\.net$/.test(host) && storageCode) {
    const isTable = host.includes(".table.");
    const message = "A fault of the sandbox.";
    return {
      headers: {
        ...(isTable ? json : { "content-type": "application/xml" }),
        "x-ms-error-code": storageCode,
        "x-ms-request-id": randomUUID(),
      },
      body: isTable
        ? JSON.stringify({ "odata.error": { code: storageCode, message: { lang: "en-US", value: message } } })
        : `<?xml version="1.0" encoding="utf-8"?><Error><Code>${storageCode}</Code><Message>${message}</Message></Error>`,
    };
  }
  const managementCode = managementCodes[status];
  if (host === "management.azure.com" && managementCode) {
    const error = { code: managementCode, message: "A fault of the sandbox." };
    return { headers: json, body: JSON.stringify({ error }) };
  }
  if (host.endsWith(".azure-api.net")) {
    return {
      headers: json,
      body: JSON.stringify({ statusCode: status, message: "A fault of the sandbox." }),
    };
  }
  return { headers: {} };
}
