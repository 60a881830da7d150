import type { HubClient } from "../../azure/iot-hub/hub-client.ts";
import { noSuchTerminal } from "../../azure/iot-hub/nearest-terminals.ts";
import { Registry } from "../../azure/iot-hub/registry.ts";
import { t } from "../../words/translate.ts";

/** The parts of a device twin that file exchange uses. */
export interface Twin {
  etag: string;
  status: "enabled" | "disabled";
  /** Why the device identity is disabled. */
  statusReason?: string;
  properties: { desired: Record<string, unknown>; reported: Record<string, unknown> };
}

/** @throws OperatorError when the IoT Hub has no such device. */
export async function readTwin(hub: HubClient, terminal: string): Promise<Twin> {
  const answer = await hub.send({
    doing: t`reading the device twin ${terminal}`,
    method: "GET",
    path: `/twins/${terminal}`,
    expects: [200, 404],
  });
  if (answer.status === 200) return answer.body as Twin;
  const message = t`${terminal} is not onboarded: the IoT Hub has no such device`;
  throw await noSuchTerminal(new Registry(hub), terminal, message);
}

/**
 * Merges a patch into the desired properties unless the twin was modified since it was read.
 * @returns False when the twin was modified and the patch was not merged.
 */
export async function patchDesired(
  hub: HubClient,
  terminal: string,
  patch: object,
  etag: string,
): Promise<boolean> {
  const answer = await hub.send({
    doing: t`modifying the device twin ${terminal}`,
    method: "PATCH",
    path: `/twins/${terminal}`,
    headers: { "If-Match": `"${etag}"` },
    body: { properties: { desired: patch } },
    expects: [200, 412],
  });
  return answer.status === 200;
}
