import { z } from "zod";
import type { AzureEnvironment } from "../../../core/azure-environment.ts";
import { HubError } from "../errors.ts";
import type { Hub } from "../hub.ts";
import { type Twins, twinEtagText } from "../twins/twins.ts";
import type { DeviceTable } from "./device-table.ts";
import {
  checkDeviceId,
  etagMatches,
  etagText,
  identityShape,
  noModule,
  parseAs,
  readIdentity,
  readOnlyShape,
} from "./identity.ts";
import type { Registry } from "./registry.ts";

/** Maximum number of devices in a bulk call, and in a transaction of an import job. */
export const bulkLimit = 100;

/** The operations of entries. Source: the .NET SDK's ImportMode. The case of names does not matter. */
const modes = [
  "create",
  "createOrUpdate",
  "createOrUpdateIfMatchETag",
  "update",
  "updateIfMatchETag",
  "delete",
  "deleteIfMatchETag",
  "updateTwin",
  "updateTwinIfMatchETag",
] as const;
type ImportMode = (typeof modes)[number];

/** A client can send a whole identity as an entry, so its read-only properties are accepted and ignored. */
const entrySchema = z.strictObject({
  ...readOnlyShape,
  ...identityShape,
  id: z.string().min(1),
  importMode: z.string().nullish(),
  eTag: z.string().nullish(),
  etag: z.string().nullish(),
  twinETag: z.string().nullish(),
  moduleId: noModule,
  tags: z.unknown().optional(),
  properties: z.unknown().optional(),
});

/** The failure of an entry, as the service lists it in a bulk result and in importErrors.log. */
export interface BulkFailure {
  deviceId: string;
  errorCode: number;
  errorStatus: string;
}

/** Changes many identities and twins in one call. Each entry succeeds or fails independently. */
export class BulkRegistry {
  private readonly azure: AzureEnvironment;
  private readonly registry: Registry;
  private readonly twins: Twins;
  private readonly devices: DeviceTable;

  constructor(azure: AzureEnvironment, registry: Registry, twins: Twins, devices: DeviceTable) {
    this.azure = azure;
    this.registry = registry;
    this.twins = twins;
    this.devices = devices;
  }

  /** Handles a bulk call. @throws HubError when the call as a whole is invalid; nothing is changed then. */
  call(hub: Hub, body: unknown): BulkFailure[] {
    if (!Array.isArray(body) || body.length === 0 || body.length > bulkLimit) {
      throw new HubError(
        "ArgumentInvalid",
        `BadRequest: The body must be an array of 1 to ${bulkLimit} devices.`,
      );
    }
    const ids = new Set<unknown>();
    for (const entry of body) {
      const id = (entry as { id?: unknown } | null)?.id;
      if (ids.has(id))
        throw new HubError("DeviceDefinedMultipleTimes", `The call contains device ${id} more than once.`);
      ids.add(id);
    }
    return this.apply(hub, body);
  }

  /** Applies entries in one transaction. @returns The failures. */
  apply(hub: Hub, entries: unknown[]): BulkFailure[] {
    return this.azure.store.transaction(() => entries.flatMap((entry) => this.attempt(hub, entry)));
  }

  private attempt(hub: Hub, entry: unknown): BulkFailure[] {
    try {
      this.applyOne(hub, entry);
      return [];
    } catch (error) {
      if (!(error instanceof HubError)) throw error;
      const deviceId = String((entry as { id?: unknown } | null)?.id ?? "");
      return [{ deviceId, errorCode: error.number, errorStatus: error.message }];
    }
  }

  private applyOne(hub: Hub, body: unknown): void {
    const entry = parseAs(entrySchema, body);
    const id = checkDeviceId(entry.id);
    const mode = readMode(entry.importMode);
    const exists = this.devices.get(hub.key, id) !== undefined;
    const ifMatch = mode.endsWith("IfMatchETag") ? (entry.eTag ?? entry.etag ?? "") : "*";
    if (mode === "updateTwin" || mode === "updateTwinIfMatchETag") {
      const twinEtag = mode === "updateTwin" ? "*" : (entry.twinETag ?? "none given");
      this.twins.write(hub, id, entry, { replace: false, ifMatch: twinEtag });
    } else if (mode.startsWith("delete")) {
      this.checkEtag(ifMatch, etagText(this.registry.get(hub, id).etag));
      this.registry.delete(hub, id, "*");
    } else if (mode === "create" || (!exists && mode.startsWith("create"))) {
      this.registry.create(hub, id, entry, (row) => this.twins.withInitial(row, entry));
    } else {
      this.update(hub, id, entry, ifMatch);
    }
  }

  private update(hub: Hub, id: string, entry: z.infer<typeof entrySchema>, ifMatch: string): void {
    const row = this.registry.get(hub, id);
    this.checkEtag(ifMatch, etagText(row.etag));
    if (entry.twinETag) this.checkEtag(entry.twinETag, twinEtagText(row.twinEtag));
    // Check the identity before writing the twin, so that an entry changes both or nothing.
    readIdentity(entry);
    if (entry.tags || entry.properties) {
      this.twins.write(hub, id, entry, { replace: false, ifMatch: undefined });
    }
    this.registry.update(hub, id, entry, "*");
  }

  private checkEtag(ifMatch: string, etag: string): void {
    if (!etagMatches(ifMatch, etag)) {
      throw new HubError("PreconditionFailed", "PreconditionFailed, ETag may be invalid.");
    }
  }
}

function readMode(text: string | null | undefined): ImportMode {
  if (!text) return "createOrUpdate";
  const mode = modes.find((candidate) => candidate.toLowerCase() === text.toLowerCase());
  if (!mode) throw new HubError("ArgumentInvalid", `BadRequest: importMode ${text} does not exist.`);
  return mode;
}
