import { Body, Headers, ResponseMessage } from "../messages.ts";
import type { GatewayError } from "./gateway-error.ts";

/** The JSON response for an error. */
export function errorResponse(error: GatewayError, activityId: string): ResponseMessage {
  const headers = new Headers();
  headers.set("Content-Type", ["application/json"]);
  for (const [name, value] of Object.entries(error.headers)) headers.set(name, [value]);
  return new ResponseMessage(error.status, "", headers, new Body(Buffer.from(error.body(activityId))));
}
