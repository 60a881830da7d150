import { createHmac, randomBytes } from "node:crypto";
import type { Target } from "../targets/target.ts";
import { type Answer, bearer, type HttpOptions, send } from "./http.ts";

const apiVersion = "2021-04-12";

/**
 * Registry operations in a minute that a hub of the tier S1 with one unit accepts: 1.67 a second, as the limit is 100 a
 * minute and unit (iot-hub/iot-hub-devguide-quotas-throttling). Twin and query calls have their own limits.
 */
const callsPerMinute = 90;

/** A device of a check, with its keys. */
export interface CheckDevice {
  id: string;
  primaryKey: string;
  secondaryKey: string;
}

/** The service side of a hub, as REST. */
export class HubClient {
  readonly target: Target;
  /** Resource ID of the hub. */
  readonly id: string;
  readonly host: string;
  /** When the calls of the last minute were sent, by the target's clock. */
  private sent: number[] = [];

  constructor(target: Target, id: string, host: string) {
    this.target = target;
    this.id = id;
    this.host = host;
  }

  /** @param options.as "anonymous" sends no token; otherwise a whole Authorization header. Default: the principal. */
  async send(
    method: string,
    path: string,
    { as, headers, body, version = apiVersion }: HttpOptions & { as?: string; version?: string } = {},
  ): Promise<Answer> {
    await this.keepPace();
    const url = new URL(path, `https://${this.host}`);
    url.searchParams.set("api-version", version);
    const authorization =
      as === undefined
        ? await bearer(this.target, "https://iothubs.azure.net/.default")
        : as === "anonymous"
          ? {}
          : { authorization: as };
    return send(this.target, method, url.href, { headers: { ...authorization, ...headers }, body });
  }

  /** Creates a device with new keys. @throws Error with the answer unless it is created. */
  async addDevice(id: string, more: object = {}): Promise<CheckDevice> {
    const [primaryKey, secondaryKey] = [newKey(), newKey()];
    const authentication = { type: "sas", symmetricKey: { primaryKey, secondaryKey } };
    const answer = await this.send("PUT", `/devices/${id}`, {
      body: { deviceId: id, authentication, ...more },
    });
    if (answer.status !== 200) throw new Error(`creating the device ${id}: ${answer.status} ${answer.text}`);
    return { id, primaryKey, secondaryKey };
  }

  /** Changes an identity, whatever its ETag. @throws Error with the answer unless it is changed. */
  async change({ id, primaryKey, secondaryKey }: CheckDevice, changes: object): Promise<Answer["json"]> {
    const authentication = { type: "sas", symmetricKey: { primaryKey, secondaryKey } };
    const answer = await this.send("PUT", `/devices/${id}`, {
      headers: { "if-match": "*" },
      body: { deviceId: id, authentication, ...changes },
    });
    if (answer.status !== 200) throw new Error(`changing the device ${id}: ${answer.status} ${answer.text}`);
    return answer.json;
  }

  /** Deletes a device, whatever its ETag. */
  remove(id: string): Promise<Answer> {
    return this.send("DELETE", `/devices/${id}`, { headers: { "if-match": "*" } });
  }

  /** A query of one page. */
  query(text: string, headers: Record<string, string> = {}): Promise<Answer> {
    return this.send("POST", "/devices/query", { body: { query: text }, headers });
  }

  /** A device's SAS. @param options.expires Seconds since 1970; default in an hour. */
  token(
    device: CheckDevice,
    { expires, key, host = this.host }: { expires?: number; key?: string; host?: string } = {},
  ): string {
    const end = expires ?? Math.floor(this.target.now() / 1000) + 3600;
    const resource = encodeURIComponent(`${host}/devices/${device.id}`);
    const signature = createHmac("sha256", Buffer.from(key ?? device.primaryKey, "base64"))
      .update(`${resource}\n${end}`)
      .digest("base64");
    return `SharedAccessSignature sr=${resource}&sig=${encodeURIComponent(signature)}&se=${end}`;
  }

  /** The iothub-errorcode of an answer. */
  static codeOf({ headers }: Answer): string | undefined {
    return headers["iothub-errorcode"] as string | undefined;
  }

  /** Lets a minute pass before the hub would throttle the next call. */
  private async keepPace(): Promise<void> {
    const recent = this.target.now() - 61_000;
    this.sent = this.sent.filter((at) => at > recent);
    if (this.sent.length >= callsPerMinute) {
      await this.target.pass(61, "the IoT hub accepts 100 registry operations a minute");
      this.sent = [];
    }
    this.sent.push(this.target.now());
  }
}

/** A device key of 32 bytes. */
export function newKey(bytes = 32): string {
  return randomBytes(bytes).toString("base64");
}
