import { t } from "../../words/translate.ts";
import type { HubClient } from "./hub-client.ts";

/** A device twin in the service API, with properties of the device identity. */
export interface DeviceTwin {
  deviceId: string;
  /** ETag of the tags and desired properties. */
  etag: string;
  /** ETag of the device identity. */
  deviceEtag: string;
  status: "enabled" | "disabled";
  statusReason?: string;
  connectionState: "Connected" | "Disconnected";
  /** Time of the last connection or message, ISO 8601; the year 1 for a device that never connected. */
  lastActivityTime?: string;
  /** The device cannot read tags. */
  tags?: Record<string, unknown>;
  properties: { desired: Record<string, unknown>; reported: Record<string, unknown> };
}

/** Changes to merge into a twin. Null removes a member. */
export interface TwinPatch {
  tags?: Record<string, unknown>;
  desired?: Record<string, unknown>;
}

/**
 * The device twins of an IoT Hub. A twin also has the connection state of its device. Reading it has a larger throttle than
 * the registry.
 */
export class Twins {
  private readonly hub: HubClient;

  constructor(hub: HubClient) {
    this.hub = hub;
  }

  /** Reads a device twin; undefined when there is no such device. */
  async get(id: string): Promise<DeviceTwin | undefined> {
    const answer = await this.hub.send({
      doing: t`reading the device twin ${id}`,
      method: "GET",
      path: `/twins/${id}`,
      expects: [200, 404],
    });
    return answer.status === 404 ? undefined : (answer.body as DeviceTwin);
  }

  /**
   * Merges changes into tags and desired properties, under the ETag.
   * @returns The changed twin; undefined when it was modified since it was read. It is also undefined when the change was
   *   made, but the response was lost and the call was retried.
   */
  async patch(id: string, { tags, desired }: TwinPatch, etag: string): Promise<DeviceTwin | undefined> {
    const answer = await this.hub.send({
      doing: t`changing the device twin ${id}`,
      method: "PATCH",
      path: `/twins/${id}`,
      headers: { "If-Match": `"${etag}"` },
      body: { tags, properties: desired && { desired } },
      expects: [200, 412],
    });
    return answer.status === 412 ? undefined : (answer.body as DeviceTwin);
  }
}

/** Quotes a text for the IoT Hub query language. */
export function quoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
