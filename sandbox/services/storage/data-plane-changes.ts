import type { AzureEnvironment } from "../../core/azure-environment.ts";
import type { Resource } from "../../resource-manager/resources.ts";
import { blobContainer, table } from "./resource-types/storage-data.ts";
import { StorageError } from "./storage-error.ts";
import type { StorageRequest } from "./storage-request.ts";

/** The levels of anonymous access in requests, with their names in Resource Manager. */
const accessLevels: Record<string, string> = { blob: "Blob", container: "Container" };

/** Writes the containers and tables that clients create and change to Resource Manager, which has the same ones. */
export class DataPlaneChanges {
  private readonly azure: AzureEnvironment;
  private readonly store: (resource: Resource) => void;

  /** @param store Stores a resource that Azurite has already. */
  constructor(azure: AzureEnvironment, store: (resource: Resource) => void) {
    this.azure = azure;
    this.store = store;
  }

  /**
   * Writes the change of an operation that succeeded.
   * @param operation Azurite's name of it.
   * @param tableName The table that Table_Create created.
   */
  apply(account: Resource, request: StorageRequest, operation: string, tableName: string | undefined): void {
    const name = request.segments[0];
    if (operation === "Table_Create" && tableName !== undefined) this.putTable(account, tableName);
    if (name === undefined) return;
    if (operation === "Container_Create") {
      this.putContainer(account, name, { publicAccess: readAccess(request), ...readMetadata(request) });
    } else if (operation === "Container_SetAccessPolicy") {
      this.putContainer(account, name, { publicAccess: readAccess(request) });
    } else if (operation === "Container_SetMetadata") {
      this.putContainer(account, name, { metadata: undefined, ...readMetadata(request) });
    }
  }

  putContainer(account: Resource, name: string, properties: Record<string, unknown>): void {
    const id = `${account.id}/blobServices/default/containers/${name}`;
    const previous = this.azure.resources.get(id);
    const lastModifiedTime = new Date(this.azure.clock.now()).toISOString();
    const draft = { ...previous?.properties, ...properties };
    const resource: Resource = { id: previous?.id ?? id, type: blobContainer.type, name, properties: draft };
    blobContainer.complete?.({ resource, previous, names: {}, callerId: "" }, this.azure);
    this.store({ ...resource, properties: { ...resource.properties, lastModifiedTime } });
  }

  putTable(account: Resource, name: string): void {
    const id = `${account.id}/tableServices/default/tables/${name}`;
    const properties = { tableName: name };
    if (!this.azure.resources.get(id)) this.store({ id, type: table.type, name, properties });
  }
}

/**
 * The name in the body of a Create Table.
 * @throws StorageError InvalidInput (400) for a body that is not JSON with a TableName.
 */
export function readTableName(body: Buffer): string {
  try {
    const { TableName } = JSON.parse(body.toString("utf8")) as { TableName?: unknown };
    if (typeof TableName === "string") return TableName;
  } catch {
    // The answer is the same as for JSON of another form.
  }
  throw new StorageError(400, "InvalidInput", "One of the request inputs is not valid.");
}

function readAccess({ headers }: StorageRequest): string {
  return accessLevels[String(headers["x-ms-blob-public-access"] ?? "").toLowerCase()] ?? "None";
}

function readMetadata({ headers }: StorageRequest): { metadata?: Record<string, string> } {
  const prefix = "x-ms-meta-";
  const entries = Object.entries(headers).filter(([name]) => name.startsWith(prefix));
  if (entries.length === 0) return {};
  return {
    metadata: Object.fromEntries(entries.map(([name, value]) => [name.slice(prefix.length), String(value)])),
  };
}
