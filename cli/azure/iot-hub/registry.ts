import { OperatorError } from "../../lib/operator-error.ts";
import { t } from "../../words/translate.ts";
import type { HubClient } from "./hub-client.ts";

/** The two keys of a device identity: base64 of 32 random bytes each. Either can sign the device's tokens. */
export interface DeviceKeys {
  primaryKey: string;
  secondaryKey: string;
}

/** A device identity in the registry. */
export interface DeviceIdentity {
  deviceId: string;
  etag: string;
  status: "enabled" | "disabled";
  statusReason: string | null;
  connectionState: "Connected" | "Disconnected";
  authentication: { type: string; symmetricKey: DeviceKeys };
}

/** Tags of a device twin. The device cannot read them. */
export type Tags = Record<string, string>;

/** A device identity to create. */
export interface NewDevice {
  id: string;
  keys: DeviceKeys;
  tags: Tags;
}

/** Maximum number of devices in a bulk call (Azure documentation, "Bulk identity management"). */
export const bulkSize = 100;

/** Response of a bulk call, with status 200 and 400. */
interface BulkResult {
  isSuccessful?: boolean;
  errors?: { deviceId: string; errorCode: string | number; errorStatus?: string }[];
  /** The only code is DeviceRegisteredWithoutTwin. Such a device has no tags. */
  warnings?: { deviceId: string; warningCode: string }[];
}

/** The identity registry of an IoT Hub. */
export class Registry {
  private readonly hub: HubClient;

  constructor(hub: HubClient) {
    this.hub = hub;
  }

  /**
   * Creates up to `bulkSize` identities in one call, with their tags.
   * @returns For each device that this call may not have created, the service's error code, for example
   *   DeviceAlreadyExists, or "Unknown" when there is none. All other devices were created with the given keys and tags.
   */
  async create(devices: NewDevice[]): Promise<Map<string, string>> {
    const answer = await this.hub.send({
      doing: t`creating ${devices.length} device identities`,
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
    if (answer.status === 200 ? typeof isSuccessful !== "boolean" : !errors) {
      throw this.hub.failure(answer, t`creating ${devices.length} device identities`);
    }
    const codes = new Map<string, string>();
    const isWhole = answer.status === 200 && isSuccessful !== false && !errors?.length;
    // When some devices failed, the response does not say whether the others were created.
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

  /** Sets tags of a device twin without an ETag. @returns False when there is no twin. */
  private async setTags(id: string, tags: Tags): Promise<boolean> {
    const answer = await this.hub.send({
      doing: t`changing the device twin ${id}`,
      method: "PATCH",
      path: `/twins/${id}`,
      headers: { "If-Match": "*" },
      body: { tags },
      expects: [200, 404],
    });
    return answer.status === 200;
  }

  /** Reads an identity; undefined when there is none. */
  async get(id: string): Promise<DeviceIdentity | undefined> {
    const answer = await this.hub.send({
      doing: t`reading the device identity ${id}`,
      method: "GET",
      path: `/devices/${id}`,
      registryOperations: 1,
      expects: [200, 404],
    });
    return answer.status === 404 ? undefined : (answer.body as DeviceIdentity);
  }

  /**
   * Replaces an identity under its ETag.
   * @returns False when it was modified since it was read.
   */
  async update(identity: Omit<DeviceIdentity, "connectionState">): Promise<boolean> {
    const { deviceId, etag, status, statusReason, authentication } = identity;
    const answer = await this.hub.send({
      doing: t`changing the device identity ${deviceId}`,
      method: "PUT",
      path: `/devices/${deviceId}`,
      registryOperations: 1,
      headers: { "If-Match": `"${etag}"` },
      // Without `authentication`, an update generates new keys.
      body: { deviceId, etag, status, statusReason, authentication },
      expects: [200, 412],
    });
    return answer.status === 200;
  }

  /**
   * Disables an identity and replaces both keys in one request, whatever its ETag is: nothing is read before. Registry
   * operations do not count as messages, so it works when the IoT Hub's daily quota is used up ("Azure IoT Hub billing
   * information"). The header is that of `Registry.update` in azure-iothub 1.16.
   * @returns False when there is no such identity.
   * @throws OperatorError when the answer does not confirm the change.
   */
  async disable(id: string, keys: DeviceKeys, reason: string): Promise<boolean> {
    const doing = t`disabling the device identity ${id}`;
    const authentication = { type: "sas", symmetricKey: keys };
    const answer = await this.hub.send({
      doing,
      method: "PUT",
      path: `/devices/${id}`,
      registryOperations: 1,
      headers: { "If-Match": '"*"' },
      body: { deviceId: id, status: "disabled", statusReason: reason, authentication },
      expects: [200, 404],
    });
    if (answer.status === 404) return false;
    const { deviceId, status } = (answer.body ?? {}) as Partial<DeviceIdentity>;
    if (deviceId === id && status === "disabled") return true;
    throw new OperatorError("unreachable", t`${doing}: the answer does not confirm it`, {
      remedy: t`Check the network and the proxy, and run this again.`,
    });
  }

  /** Deletes an identity and its twin. A missing identity is no error. */
  async delete(id: string): Promise<void> {
    await this.hub.send({
      doing: t`deleting the device identity ${id}`,
      method: "DELETE",
      path: `/devices/${id}`,
      registryOperations: 1,
      headers: { "If-Match": "*" },
      expects: [204, 404],
    });
  }

  /** Reads a device's tags; undefined when there is no such device. */
  async tags(id: string): Promise<Tags | undefined> {
    const answer = await this.hub.send({
      doing: t`reading the device twin ${id}`,
      method: "GET",
      path: `/twins/${id}`,
      expects: [200, 404],
    });
    return answer.status === 404 ? undefined : ((answer.body as { tags?: Tags }).tags ?? {});
  }

  /** Runs a query in the IoT Hub query language, page by page. The index is some seconds behind. */
  async *query(query: string): AsyncGenerator<Record<string, unknown>> {
    let continuation: string | undefined;
    do {
      const answer = await this.hub.send({
        doing: t`querying the devices`,
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
