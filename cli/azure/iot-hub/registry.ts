import type { HubClient } from "./hub-client.ts";

/** The two keys that a device signs its tokens with: base64 of 32 random bytes each. */
export interface DeviceKeys {
  primaryKey: string;
  secondaryKey: string;
}

/** A device identity as the registry has it. */
export interface DeviceIdentity {
  deviceId: string;
  etag: string;
  status: "enabled" | "disabled";
  statusReason: string | null;
  connectionState: "Connected" | "Disconnected";
  authentication: { type: string; symmetricKey: DeviceKeys };
}

/** A device's tags, which only the service side sees. */
export type Tags = Record<string, string>;

/** One identity to be made. */
export interface NewDevice {
  id: string;
  keys: DeviceKeys;
  tags: Tags;
}

/** A bulk call takes 100 devices at most (Azure documentation, "Bulk identity management"). */
export const bulkSize = 100;

/** What a bulk call answers, with 200 and with 400. */
interface BulkResult {
  isSuccessful?: boolean;
  errors?: { deviceId: string; errorCode: string | number; errorStatus?: string }[];
  /** The one code there is: DeviceRegisteredWithoutTwin. Such a device has no tags. */
  warnings?: { deviceId: string; warningCode: string }[];
}

/** The identity registry of one IoT Hub, over REST. */
export class Registry {
  private readonly hub: HubClient;

  constructor(hub: HubClient) {
    this.hub = hub;
  }

  /**
   * Makes up to `bulkSize` identities in one call, with their tags.
   * @returns For each device that was not certainly made by this call, the service's code, for example
   *   DeviceAlreadyExists; "Unknown" when it does not say. A device that is not named was made with the keys and the tags
   *   given.
   */
  async create(devices: NewDevice[]): Promise<Map<string, string>> {
    const answer = await this.hub.send({
      doing: `creating ${devices.length} device identities`,
      method: "POST",
      path: "/devices",
      registryOperations: devices.length,
      body: devices.map(({ id, keys, tags }) => ({
        id,
        importMode: "create",
        status: "enabled",
        authentication: { type: "sas", symmetricKey: keys },
        tags,
      })),
      expects: [200, 400],
    });
    const { isSuccessful, errors, warnings } = (answer.body ?? {}) as BulkResult;
    if (answer.status !== 200 && !errors) {
      throw this.hub.failure(answer, `creating ${devices.length} device identities`);
    }
    const codes = new Map<string, string>();
    const isWhole = answer.status === 200 && isSuccessful !== false && !errors?.length;
    // A call with some failures may have made the others or not: only a look at each tells.
    if (!isWhole) for (const { id } of devices) codes.set(id, "Unknown");
    for (const { deviceId, errorCode } of errors ?? []) {
      codes.set(deviceId, String(errorCode) === "409001" ? "DeviceAlreadyExists" : String(errorCode));
    }
    const tagged = new Map(devices.map(({ id, tags }) => [id, tags]));
    for (const { deviceId, warningCode } of warnings ?? []) {
      const tags = tagged.get(deviceId);
      if (tags && !(await this.setTags(deviceId, tags)) && isWhole) codes.set(deviceId, warningCode);
    }
    return codes;
  }

  /** Sets tags of a device's twin, whatever it holds. @returns False when there is no twin. */
  private async setTags(id: string, tags: Tags): Promise<boolean> {
    const answer = await this.hub.send({
      doing: `changing the device twin ${id}`,
      method: "PATCH",
      path: `/twins/${id}`,
      headers: { "If-Match": "*" },
      body: { tags },
      expects: [200, 404],
    });
    return answer.status === 200;
  }

  /** One identity; undefined when there is none of that name. */
  async get(id: string): Promise<DeviceIdentity | undefined> {
    const answer = await this.hub.send({
      doing: `reading the device identity ${id}`,
      method: "GET",
      path: `/devices/${id}`,
      registryOperations: 1,
      expects: [200, 404],
    });
    return answer.status === 404 ? undefined : (answer.body as DeviceIdentity);
  }

  /**
   * Replaces an identity if it is still the one with this ETag.
   * @returns Whether it was; false when somebody changed it meanwhile.
   */
  async update(identity: Omit<DeviceIdentity, "connectionState">): Promise<boolean> {
    const { deviceId, etag, status, statusReason, authentication } = identity;
    const answer = await this.hub.send({
      doing: `changing the device identity ${deviceId}`,
      method: "PUT",
      path: `/devices/${deviceId}`,
      registryOperations: 1,
      headers: { "If-Match": `"${etag}"` },
      // An update that leaves out `authentication` mints new keys: it always goes along.
      body: { deviceId, etag, status, statusReason, authentication },
      expects: [200, 412],
    });
    return answer.status === 200;
  }

  /** Deletes an identity, with its twin, for good. It is no error when it is gone already. */
  async delete(id: string): Promise<void> {
    await this.hub.send({
      doing: `deleting the device identity ${id}`,
      method: "DELETE",
      path: `/devices/${id}`,
      registryOperations: 1,
      headers: { "If-Match": "*" },
      expects: [204, 404],
    });
  }

  /** A device's tags; undefined when there is no such device. */
  async tags(id: string): Promise<Tags | undefined> {
    const answer = await this.hub.send({
      doing: `reading the device twin ${id}`,
      method: "GET",
      path: `/twins/${id}`,
      expects: [200, 404],
    });
    return answer.status === 404 ? undefined : ((answer.body as { tags?: Tags }).tags ?? {});
  }

  /** What a query in the hub's language answers, page by page. The hub's index lags some seconds behind. */
  async *query(query: string): AsyncGenerator<Record<string, unknown>> {
    let continuation: string | undefined;
    do {
      const answer = await this.hub.send({
        doing: "querying the devices",
        method: "POST",
        path: "/devices/query",
        isQuery: true,
        headers: {
          "x-ms-max-item-count": "1000",
          ...(continuation ? { "x-ms-continuation": continuation } : {}),
        },
        body: { query },
        expects: [200],
      });
      yield* answer.body as Record<string, unknown>[];
      continuation = answer.continuation;
    } while (continuation);
  }
}
