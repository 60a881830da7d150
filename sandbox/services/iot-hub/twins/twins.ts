import { EventEmitter } from "node:events";
import { z } from "zod";
import type { AzureEnvironment } from "../../../core/azure-environment.ts";
import { HubError } from "../errors.ts";
import type { Hub } from "../hub.ts";
import { parseExact } from "../parse-json.ts";
import type { DeviceRow, DeviceTable } from "../registry/device-table.ts";
import { etagMatches, etagText, noModule, parseAs, timestamp } from "../registry/identity.ts";
import type { Registry } from "../registry/registry.ts";
import {
  checkSize,
  merge,
  mergeMetadata,
  readPatch,
  type TwinDocument,
  type TwinMetadata,
  type TwinPatch,
} from "./document.ts";

/**
 * Read-only properties of a twin. A client that sends a whole twin back includes them, and they are ignored. Some are
 * members of the SDKs' classes only, such as TwinState of the SDK for Java.
 */
const readOnly = [
  "deviceId",
  "etag",
  "deviceEtag",
  "status",
  "statusReason",
  "statusUpdateTime",
  "statusUpdatedTime",
  "generationId",
  "connectionState",
  "connectionStateUpdatedTime",
  "lastActivityTime",
  "cloudToDeviceMessageCount",
  "authenticationType",
  "x509Thumbprint",
  "modelId",
  "version",
  "capabilities",
  "deviceScope",
  "parentScopes",
  "configurations",
] as const;

export interface TwinEvents {
  /** The desired properties have changed: the patch and the section's new version. */
  desired: [hub: Hub, id: string, patch: TwinPatch, version: number];
}

/** The device twins of all hubs. */
export class Twins extends EventEmitter<TwinEvents> {
  private readonly azure: AzureEnvironment;
  private readonly registry: Registry;
  private readonly devices: DeviceTable;

  constructor(azure: AzureEnvironment, registry: Registry, devices: DeviceTable) {
    super();
    this.azure = azure;
    this.registry = registry;
    this.devices = devices;
  }

  /**
   * Changes tags and desired properties, from the service side. Everything else in the body is ignored, including reported
   * properties, because clients send whole twins back.
   * @param options.replace True replaces both sections (PUT), false merges into them (PATCH).
   * @param options.ifMatch The ETag that the twin must have; `*` or undefined for any.
   */
  write(
    hub: Hub,
    id: string,
    body: unknown,
    options: { replace: boolean; ifMatch: string | undefined },
  ): DeviceRow {
    const row = this.registry.get(hub, id);
    if (options.ifMatch && !etagMatches(options.ifMatch, twinEtagText(row.twinEtag))) {
      throw new HubError("PreconditionFailed", "PreconditionFailed, ETag may be invalid.");
    }
    const { tags, desired } = sections(body);
    const empty = { tags: "{}", desired: "{}", desiredMeta: JSON.stringify(this.stamp()) };
    const base = options.replace ? { ...row, ...empty } : row;
    const next = this.withSections(base, options.replace ? (tags ?? {}) : tags, desired);
    if (next === base && !options.replace) return row;
    next.twinVersion = row.twinVersion + 1;
    next.twinEtag = row.twinEtag + 1;
    if (options.replace && !desired) next.desiredVersion = row.desiredVersion + 1;
    this.devices.update(next);
    if (next.desiredVersion !== row.desiredVersion) {
      const patch = options.replace ? { ...removals(row.desired), ...desired } : (desired ?? {});
      this.emit("desired", hub, id, patch, next.desiredVersion);
    }
    return next;
  }

  /** The row of a new device with the tags and properties of its bulk entry or import line. */
  withInitial(row: DeviceRow, body: unknown): DeviceRow {
    const { tags, desired, reported } = sections(body);
    const next = this.withSections(row, tags, desired);
    return reported ? this.withReported(next, reported) : next;
  }

  /**
   * Changes reported properties, from the device.
   * @returns The section's new version.
   */
  report(hub: Hub, id: string, body: unknown): number {
    const row = this.registry.get(hub, id);
    const next = this.withReported(row, readPatch("properties.reported", body));
    next.twinVersion = row.twinVersion + 1;
    this.devices.update(next);
    return next.reportedVersion;
  }

  /** Stores the ID of the DTDL model that a device has sent with its CONNECT. */
  setModel(hub: Hub, id: string, modelId: string): void {
    const row = this.registry.get(hub, id);
    if (row.modelId !== modelId) this.devices.update({ ...row, modelId });
  }

  private withSections(
    row: DeviceRow,
    tags: TwinPatch | undefined,
    desired: TwinPatch | undefined,
  ): DeviceRow {
    if (!tags && !desired) return row;
    const next = { ...row };
    if (tags) {
      const merged = merge(parseExact(row.tags) as TwinDocument, tags);
      checkSize("tags", merged);
      next.tags = JSON.stringify(merged);
    }
    if (desired) {
      const merged = merge(parseExact(row.desired) as TwinDocument, desired);
      checkSize("desired", merged);
      next.desiredVersion = row.desiredVersion + 1;
      next.desired = JSON.stringify(merged);
      const stamp: TwinMetadata = { ...this.stamp(), $lastUpdatedVersion: next.desiredVersion };
      next.desiredMeta = JSON.stringify(mergeMetadata(JSON.parse(row.desiredMeta), desired, stamp));
    }
    return next;
  }

  private withReported(row: DeviceRow, patch: TwinPatch): DeviceRow {
    const merged = merge(parseExact(row.reported) as TwinDocument, patch);
    checkSize("reported", merged);
    return {
      ...row,
      reported: JSON.stringify(merged),
      reportedMeta: JSON.stringify(mergeMetadata(JSON.parse(row.reportedMeta), patch, this.stamp())),
      reportedVersion: row.reportedVersion + 1,
    };
  }

  private stamp(): TwinMetadata {
    return { $lastUpdated: timestamp(this.azure.clock.now()) };
  }
}

/** The sections have their own checks. */
const anything = z.unknown().optional();
const sectionsSchema = z.object({
  tags: anything,
  properties: z.strictObject({ desired: anything, reported: anything }).nullish(),
});

/** The body of a PATCH or PUT. A property that the service's model does not have is an error: it would have no effect. */
export const twinSchema = z.strictObject({
  ...sectionsSchema.shape,
  moduleId: noModule,
  ...Object.fromEntries(readOnly.map((name) => [name, anything])),
});

function sections(body: unknown): { tags?: TwinPatch; desired?: TwinPatch; reported?: TwinPatch } {
  const { tags, properties } = parseAs(sectionsSchema, body);
  const section = (name: string, value: unknown) =>
    value === undefined || value === null ? undefined : readPatch(name, value);
  return {
    tags: section("tags", tags),
    desired: section("properties.desired", properties?.desired),
    reported: section("properties.reported", properties?.reported),
  };
}

/** A patch that removes every property of a section. */
const removals = (section: string): TwinPatch =>
  Object.fromEntries(Object.keys(parseExact(section) as TwinDocument).map((key) => [key, null]));

/** A twin's ETag as the service returns it: base64 of a counter of eight bytes. */
export function twinEtagText(etag: number): string {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(etag));
  return bytes.toString("base64");
}

/** The desired and reported properties as a device receives them. */
export function deviceView(row: DeviceRow): Record<string, unknown> {
  return {
    desired: { ...(parseExact(row.desired) as TwinDocument), $version: row.desiredVersion },
    reported: { ...(parseExact(row.reported) as TwinDocument), $version: row.reportedVersion },
  };
}

/** A twin as the service API returns it. Empty tags are omitted. */
export function twinJson(row: DeviceRow, pendingMessages: number): Record<string, unknown> {
  const section = (document: string, metadata: string, version: number) => ({
    ...(parseExact(document) as TwinDocument),
    $metadata: JSON.parse(metadata) as TwinMetadata,
    $version: version,
  });
  return {
    deviceId: row.id,
    etag: twinEtagText(row.twinEtag),
    deviceEtag: etagText(row.etag),
    status: row.status,
    ...(row.statusReason ? { statusReason: row.statusReason } : {}),
    statusUpdateTime: timestamp(row.statusTime),
    connectionState: row.connected ? "Connected" : "Disconnected",
    lastActivityTime: timestamp(row.activityTime),
    cloudToDeviceMessageCount: pendingMessages,
    authenticationType: "sas",
    x509Thumbprint: { primaryThumbprint: null, secondaryThumbprint: null },
    modelId: row.modelId,
    version: row.twinVersion,
    ...(row.tags === "{}" ? {} : { tags: parseExact(row.tags) as TwinDocument }),
    properties: {
      desired: section(row.desired, row.desiredMeta, row.desiredVersion),
      reported: section(row.reported, row.reportedMeta, row.reportedVersion),
    },
    capabilities: { iotEdge: false },
  };
}
