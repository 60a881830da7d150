import type { HubClient } from "../../azure/iot-hub/hub-client.ts";
import { OperatorError } from "../../lib/errors.ts";

/** What the service side reads of a device twin. */
export interface Twin {
  etag: string;
  properties: { desired: Record<string, unknown>; reported: Record<string, unknown> };
}

/** @throws OperatorError when the hub has no such terminal. */
export async function readTwin(hub: HubClient, terminal: string): Promise<Twin> {
  const answer = await hub.send({
    doing: `reading the device twin ${terminal}`,
    method: "GET",
    path: `/twins/${terminal}`,
    expects: [200, 404],
  });
  if (answer.status === 200) return answer.body as Twin;
  throw new OperatorError("failed", `the hub has no terminal ${terminal}`, { code: answer.code });
}

/**
 * Merges a patch into the desired properties, if nobody has changed the twin since it was read.
 * @returns Whether it was merged; false when somebody was faster.
 */
export async function patchDesired(
  hub: HubClient,
  terminal: string,
  patch: object,
  etag: string,
): Promise<boolean> {
  const answer = await hub.send({
    doing: `changing the device twin ${terminal}`,
    method: "PATCH",
    path: `/twins/${terminal}`,
    headers: { "If-Match": `"${etag}"` },
    body: { properties: { desired: patch } },
    expects: [200, 412],
  });
  return answer.status === 200;
}
