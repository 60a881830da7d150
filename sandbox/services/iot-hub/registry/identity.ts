import { randomBytes, randomInt } from "node:crypto";
import { z } from "zod";
import { HubError, notKnown } from "../errors.ts";
import type { DeviceRow } from "./device-table.ts";

/**
 * Device IDs: up to 128 ASCII letters, digits and these marks, compared with regard to case.
 * Source: "Understand the identity registry in your IoT hub", device identity properties.
 */
const deviceIdPattern = /^[A-Za-z0-9\-.+%_#*?!(),:=@$']{1,128}$/;

const key = z.string().nullish();

/** What a caller may say of an identity, in a request of its own, in a bulk call or in a line of an import. */
export const identityShape = {
  status: z.enum(["enabled", "disabled"]).nullish(),
  statusReason: z.string().max(128).nullish(),
  authentication: z
    .strictObject({
      type: z.string().nullish(),
      symmetricKey: z.strictObject({ primaryKey: key, secondaryKey: key }).nullish(),
      x509Thumbprint: z.strictObject({ primaryThumbprint: key, secondaryThumbprint: key }).nullish(),
    })
    .nullish(),
  capabilities: z.strictObject({ iotEdge: z.boolean().nullish() }).nullish(),
  deviceScope: z.string().nullish(),
  parentScopes: z.array(z.string()).nullish(),
};
const identitySchema = z.object(identityShape);

/** What an identity says of itself besides: callers send it back, and it is ignored. */
const readOnly = z.unknown().optional();
export const readOnlyShape = {
  generationId: readOnly,
  etag: readOnly,
  connectionState: readOnly,
  connectionStateUpdatedTime: readOnly,
  statusUpdatedTime: readOnly,
  lastActivityTime: readOnly,
  cloudToDeviceMessageCount: readOnly,
};

/** The body of a PUT. A name that the service's model has not is an error here: it would change nothing. */
export const deviceSchema = z.strictObject({ deviceId: z.string(), ...identityShape, ...readOnlyShape });

/** The parts of an identity that its writer decides; keys are minted where none were given. */
export type IdentityInput = Pick<DeviceRow, "status" | "statusReason" | "primaryKey" | "secondaryKey">;

export function checkDeviceId(id: unknown): string {
  if (typeof id !== "string" || !deviceIdPattern.test(id)) {
    throw new HubError("ArgumentInvalid", `BadRequest: The device ID is not valid: ${JSON.stringify(id)}.`);
  }
  return id;
}

/** Parses JSON for a schema; @throws HubError ArgumentInvalid that names the property. */
export function parseAs<T>(schema: z.ZodType<T>, body: unknown): T {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const said = [issue?.path.join("."), issue?.message].filter(Boolean).join(": ");
  throw new HubError("ArgumentInvalid", `BadRequest: ${said}`);
}

/**
 * Reads an identity from a request. The write is a full replacement: a status left out is "enabled", and an
 * authentication left out, or with empty keys, gets new keys, as seen on a live hub.
 */
export function readIdentity(body: unknown): IdentityInput {
  const input = parseAs(identitySchema, body);
  const { type, symmetricKey, x509Thumbprint } = input.authentication ?? {};
  if (type && type !== "sas") throw notKnown(`devices that authenticate with ${type}: keys (sas) only`);
  if (x509Thumbprint?.primaryThumbprint || x509Thumbprint?.secondaryThumbprint) {
    throw notKnown("devices that authenticate with X.509 certificates: keys (sas) only");
  }
  if (input.capabilities?.iotEdge) throw notKnown("IoT Edge devices");
  if (input.deviceScope || input.parentScopes?.length) throw notKnown("devices behind an IoT Edge device");
  return {
    status: input.status ?? "enabled",
    statusReason: input.statusReason ?? null,
    ...readKeys(symmetricKey?.primaryKey, symmetricKey?.secondaryKey),
  };
}

function readKeys(primary: string | null | undefined, secondary: string | null | undefined) {
  if (!primary && !secondary) return { primaryKey: newKey(), secondaryKey: newKey() };
  if (!primary || !secondary) {
    throw new HubError(
      "ArgumentInvalid",
      "BadRequest: Give both a primary and a secondary key, or neither of them.",
    );
  }
  if (!isKey(primary) || !isKey(secondary)) {
    throw new HubError("ArgumentInvalid", "BadRequest: A key must be base64 of 16 to 64 bytes.");
  }
  return { primaryKey: primary, secondaryKey: secondary };
}

const newKey = (): string => randomBytes(32).toString("base64");

function isKey(text: string): boolean {
  const bytes = Buffer.from(text, "base64");
  return bytes.length >= 16 && bytes.length <= 64 && bytes.toString("base64") === text;
}

/** A new device's row, its twin empty. Versions begin as on a live hub: the twin's at 2, its sections' at 1. */
export function newDevice(hub: string, id: string, input: IdentityInput, now: number): DeviceRow {
  return {
    hub,
    id,
    // .NET ticks, as the service's generation IDs look.
    generation: String(BigInt(now) * 10_000n + 621_355_968_000_000_000n),
    etag: newEtag(),
    statusTime: 0,
    connected: 0,
    connectionTime: 0,
    activityTime: 0,
    tags: "{}",
    desired: "{}",
    desiredMeta: JSON.stringify({ $lastUpdated: timestamp(now) }),
    desiredVersion: 1,
    reported: "{}",
    reportedMeta: JSON.stringify({ $lastUpdated: timestamp(now) }),
    reportedVersion: 1,
    twinVersion: 2,
    twinEtag: 1,
    modelId: "",
    ...input,
  };
}

/** The row with a new identity, its twin untouched. */
export function withIdentity(row: DeviceRow, input: IdentityInput, now: number): DeviceRow {
  const statusTime = input.status === row.status ? row.statusTime : now;
  return { ...row, ...input, statusTime, etag: newEtag() };
}

/** An identity as the service answers it. */
export function identityJson(row: DeviceRow, pendingMessages: number): Record<string, unknown> {
  return {
    deviceId: row.id,
    generationId: row.generation,
    etag: etagText(row.etag),
    connectionState: row.connected ? "Connected" : "Disconnected",
    status: row.status,
    statusReason: row.statusReason,
    connectionStateUpdatedTime: timestamp(row.connectionTime),
    statusUpdatedTime: timestamp(row.statusTime),
    lastActivityTime: timestamp(row.activityTime),
    cloudToDeviceMessageCount: pendingMessages,
    authentication: {
      symmetricKey: { primaryKey: row.primaryKey, secondaryKey: row.secondaryKey },
      x509Thumbprint: { primaryThumbprint: null, secondaryThumbprint: null },
      type: "sas",
    },
    capabilities: { iotEdge: false },
  };
}

const newEtag = (): number => randomInt(100_000_000, 1_000_000_000);

/** An identity's ETag as the service shows it: base64 of a number in decimal. */
export const etagText = (etag: number): string => Buffer.from(String(etag)).toString("base64");

/** Whether an If-Match header, quoted or not, takes this ETag; `*` takes any. */
export function etagMatches(ifMatch: string, etag: string): boolean {
  const wanted = ifMatch.trim().replace(/^"(.*)"$/, "$1");
  return wanted === "*" || wanted === etag;
}

/** A time as the service writes it, in ticks of 100 ns; year 1 for never. */
export const timestamp = (ms: number): string =>
  ms === 0 ? "0001-01-01T00:00:00.0000000Z" : new Date(ms).toISOString().replace("Z", "0000Z");
