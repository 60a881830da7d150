import type { HubClient } from "./hub-client.ts";

/** What the service side reads of a device's twin, with what the twin repeats of the identity. */
export interface DeviceTwin {
  deviceId: string;
  /** Of tags and desired properties. */
  etag: string;
  /** Of the identity: what a change of the identity is bound to. */
  deviceEtag: string;
  status: "enabled" | "disabled";
  statusReason?: string;
  connectionState: "Connected" | "Disconnected";
  /** Tags are seen by the service side only. */
  tags?: Record<string, unknown>;
  properties: { desired: Record<string, unknown>; reported: Record<string, unknown> };
}

/** Sections that are merged into a twin; null removes. */
export interface TwinPatch {
  tags?: Record<string, unknown>;
  desired?: Record<string, unknown>;
}

/**
 * The device twins of one IoT Hub, over REST. A twin also tells whether its device is connected, at a throttle of its
 * own, which is wider than the registry's.
 */
export class Twins {
  private readonly hub: HubClient;

  constructor(hub: HubClient) {
    this.hub = hub;
  }

  /** A device's twin; undefined when there is no such device. */
  async get(id: string): Promise<DeviceTwin | undefined> {
    const answer = await this.hub.send({
      doing: `reading the device twin ${id}`,
      method: "GET",
      path: `/twins/${id}`,
      expects: [200, 404],
    });
    return answer.status === 404 ? undefined : (answer.body as DeviceTwin);
  }

  /**
   * Merges into tags and desired properties, if nobody has changed them since the twin was read.
   * @returns The twin as it is then; undefined when somebody was faster, or an earlier try's answer was lost.
   */
  async patch(id: string, { tags, desired }: TwinPatch, etag: string): Promise<DeviceTwin | undefined> {
    const answer = await this.hub.send({
      doing: `changing the device twin ${id}`,
      method: "PATCH",
      path: `/twins/${id}`,
      headers: { "If-Match": `"${etag}"` },
      body: { ...(tags ? { tags } : {}), ...(desired ? { properties: { desired } } : {}) },
      expects: [200, 412],
    });
    return answer.status === 412 ? undefined : (answer.body as DeviceTwin);
  }
}

/** A text as the hub's query language quotes it. */
export function quoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
