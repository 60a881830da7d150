import { randomBytes, randomInt } from "node:crypto";
import { z } from "zod";
import { HubError, notKnown } from "../errors.ts";
import type { DeviceRow } from "./device-table.ts";

/**
 * Device IDs: up to 128 ASCII letters, digits and these characters. Their case matters.
 * Source: "Understand the identity registry in your IoT hub", device identity properties.
 */
const deviceIdPattern = /^[A-Za-z0-9\-.+%_#*?!(),:=@$']{1,128}$/;

const key = z.string().nullish();

/**
 * A text of a fixed set in any case: the service reads such members with .NET's enumerations, which have no case. The
 * SDK for Java sends "Enabled" (DeviceStatus), other SDKs send "enabled".
 */
export function anyCase<const Names extends readonly string[]>(names: Names) {
  const normalize = (text: unknown) =>
    names.find((name) => name.toLowerCase() === String(text).toLowerCase()) ?? text;
  return z.preprocess(normalize, z.enum(names));
}

/** The properties of an identity that a client can set, in a PUT, in a bulk call or in a line of an import. */
export const identityShape = {
  status: anyCase(["enabled", "disabled"]).nullish(),
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

/** Read-only properties of an identity. A client that sends a whole identity back includes them, and they are ignored. */
const readOnly = z.unknown().optional();
export const readOnlyShape = {
  generationId: readOnly,
  etag: readOnly,
  connectionState: readOnly,
  connectionStateUpdatedTime: readOnly,
  statusUpdatedTime: readOnly,
  lastActivityTime: readOnly,
  cloudToDeviceMessageCount: readOnly,
  managedBy: readOnly,
};

/**
 * The module of an identity or twin. The SDKs for Java, C# and Python have one class for devices and modules, which sends
 * this member empty for a device.
 */
export const noModule = z
  .string()
  .nullish()
  .transform((id) => {
    if (id) throw notKnown("modules");
  });

/** The body of a PUT. A property that the service's model does not have is an error: it would have no effect. */
export const deviceSchema = z.strictObject({
  deviceId: z.string(),
  moduleId: noModule,
  ...identityShape,
  ...readOnlyShape,
});

/** The properties of an identity that a client sets. Keys that the client omits are generated. */
export type IdentityInput = Pick<DeviceRow, "status" | "statusReason" | "primaryKey" | "secondaryKey">;

export function checkDeviceId(id: unknown): string {
  if (typeof id !== "string" || !deviceIdPattern.test(id)) {
    throw new HubError("ArgumentInvalid", `BadRequest: The device ID is not valid: ${JSON.stringify(id)}.`);
  }
  return id;
}

/** Validates JSON with a schema. @throws HubError ArgumentInvalid with the name of the property. */
export function parseAs<T>(schema: z.ZodType<T>, body: unknown): T {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const reason = [issue?.path.join("."), issue?.message].filter(Boolean).join(": ");
  throw new HubError("ArgumentInvalid", `BadRequest: ${reason}`);
}

/**
 * Reads an identity from a request. A write replaces the whole identity: an omitted status becomes "enabled", and omitted
 * or empty keys are replaced by new ones, as on a live hub.
 */
export function readIdentity(body: unknown): IdentityInput {
  const input = parseAs(identitySchema, body);
  const { type, symmetricKey, x509Thumbprint } = input.authentication ?? {};
  if (type && type.toLowerCase() !== "sas")
    throw notKnown(`devices that authenticate with ${type}: use device keys (sas)`);
  if (x509Thumbprint?.primaryThumbprint || x509Thumbprint?.secondaryThumbprint) {
    throw notKnown("devices that authenticate with X.509 certificates: use device keys (sas)");
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
      "BadRequest: Set both the primary and the secondary key, or neither of them.",
    );
  }
  if (!isKey(primary) || !isKey(secondary)) {
    throw new HubError("ArgumentInvalid", "BadRequest: A key must be base64 of 16 to 64 bytes.");
  }
  return { primaryKey: primary, secondaryKey: secondary };
}

/** 32 random bytes in base64: a key of a device or of a shared access policy. */
export const newKey = (): string => randomBytes(32).toString("base64");

/** Whether a text is a key: base64 of 16 to 64 bytes. */
export function isKey(text: string): boolean {
  const bytes = Buffer.from(text, "base64");
  return bytes.length >= 16 && bytes.length <= 64 && bytes.toString("base64") === text;
}

/** The row of a new device with an empty twin. As on a live hub, the twin starts at version 2, its sections at 1. */
export function newDevice(hub: string, id: string, input: IdentityInput, now: number): DeviceRow {
  return {
    hub,
    id,
    // Generation IDs of the service look like .NET ticks.
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

/** The row with a new identity and the same twin. */
export function withIdentity(row: DeviceRow, input: IdentityInput, now: number): DeviceRow {
  const statusTime = input.status === row.status ? row.statusTime : now;
  return { ...row, ...input, statusTime, etag: newEtag() };
}

/** An identity as the service returns it. */
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

/** An identity's ETag as the service returns it: base64 of a decimal number. */
export const etagText = (etag: number): string => Buffer.from(String(etag)).toString("base64");

const quotedTag = /(W\/)?"([^"]*)"/g;

/**
 * Whether a condition matches the ETag: `*`, one ETag as bodies have it, or a list of quoted ETags as If-Match has it. The
 * SDK for C# writes `"*"` for any. A weak ETag never matches (RFC 9110, 13.1.1).
 */
export function etagMatches(condition: string, etag: string): boolean {
  const quoted = [...condition.matchAll(quotedTag)];
  const wanted =
    quoted.length === 0 ? [condition.trim()] : quoted.map(([, weak, tag]) => (weak ? undefined : tag));
  return wanted.some((tag) => tag === "*" || tag === etag);
}

/**
 * The condition in the If-Match header of a twin. The service does not evaluate an ETag without quotes: it changes the
 * twin (azure-iot-sdk-java issue 574, azure-iot-sdk-node pull request 613).
 */
export function readTwinCondition(ifMatch: string | undefined): string | undefined {
  if (ifMatch === undefined) return undefined;
  return ifMatch.trim() === "*" || ifMatch.search(quotedTag) >= 0 ? ifMatch : undefined;
}

/** A time as the service writes it, in steps of 100 ns; year 1 for never. */
export const timestamp = (ms: number): string =>
  ms === 0 ? "0001-01-01T00:00:00.0000000Z" : new Date(ms).toISOString().replace("Z", "0000Z");
