import type { IncomingMessage, ServerResponse } from "node:http";
import type { AzureEnvironment } from "../../core/azure-environment.ts";
import type { Connection, ServiceEndpoint } from "../../proxy/service-endpoint.ts";
import type { Resource } from "../../resource-manager/resources.ts";
import { MonitorData } from "../monitor/monitor-data.ts";
import { isStorageAccount, storageAccountType } from "./authentication/account-keys.ts";
import { verifyAccountSettings } from "./authentication/account-settings.ts";
import { RoleAuthorization } from "./authentication/role-authorization.ts";
import { verifySasFields } from "./authentication/sas.ts";
import type { Azurite } from "./azurite/azurite.ts";
import { correctResponse } from "./azurite/correct-response.ts";
import { Forwarder } from "./azurite/forward.ts";
import { checkBlobName } from "./blob-names.ts";
import { readTableName } from "./data-plane-changes.ts";
import type { Immutability } from "./immutability.ts";
import type { Operation } from "./operations/operation.ts";
import { resolveOperation } from "./operations/operations.ts";
import { parseTransaction, readTransactionBody } from "./operations/transactions.ts";
import { sendError } from "./send-error.ts";
import { isServiceVersion } from "./service-version.ts";
import {
  invalidHeader,
  missingContentLength,
  notInSandbox,
  publicAccessNotPermitted,
  StorageError,
} from "./storage-error.ts";
import { parseRequest, type Service, type StorageRequest } from "./storage-request.ts";

const hostPattern = /^([a-z0-9]+)\.(blob|table|queue|file|dfs|web)\.core\.windows\.net$/;

/** Changes by clients to resources that Azure Resource Manager knows too. */
export interface DataPlaneEvents {
  /** A client creates a container. @param id Its resource ID. @throws StorageError when the name is not free yet. */
  checkCreation(id: string): void;
  /** An operation of a client succeeded. @param table The table that it created. */
  changed(account: Resource, request: StorageRequest, operation: string, table: string | undefined): void;
  /** A client deleted a container or table. @param id Its resource ID. */
  deleted(id: string): void;
}

/** The data plane of all deployed storage accounts: <account>.blob and <account>.table.core.windows.net. */
export class StorageEndpoint implements ServiceEndpoint {
  readonly plainHttp = true;
  private readonly azure: AzureEnvironment;
  private readonly azurite: Azurite;
  private readonly immutability: Immutability;
  private readonly authorization: RoleAuthorization;
  private readonly monitor: MonitorData;
  private readonly forwarder = new Forwarder();
  private readonly events: DataPlaneEvents;
  private readonly waitUntilSynced: () => Promise<unknown>;
  private readonly accounts = new Map<string, Resource>();

  /** @param waitUntilSynced Resolves when Azurite contains all resources that were declared before the call. */
  constructor(
    azure: AzureEnvironment,
    azurite: Azurite,
    immutability: Immutability,
    waitUntilSynced: () => Promise<unknown>,
    events: DataPlaneEvents,
  ) {
    this.azure = azure;
    this.azurite = azurite;
    this.immutability = immutability;
    this.authorization = new RoleAuthorization(azure);
    this.monitor = new MonitorData(azure);
    this.waitUntilSynced = waitUntilSynced;
    this.events = events;
    const add = (resource: Resource) => {
      if (isStorageAccount(resource)) this.accounts.set(resource.name.toLowerCase(), resource);
    };
    for (const account of azure.resources.list(storageAccountType)) add(account);
    azure.resources.on("put", add);
    azure.resources.on("delete", (resource) => {
      if (isStorageAccount(resource)) this.accounts.delete(resource.name.toLowerCase());
    });
  }

  serves(host: string): boolean {
    return this.accounts.has(hostPattern.exec(host)?.[1] ?? "");
  }

  /** The handshake accepts every version, because Azure Storage rejects an old version with an HTTP error. */
  minimumTls(): "TLSv1" {
    return "TLSv1";
  }

  async request(req: IncomingMessage, res: ServerResponse, connection: Connection): Promise<void> {
    const [, name, service] = hostPattern.exec(connection.host)!;
    const account = this.accounts.get(name!);
    if (service === "blob") {
      res.once("finish", () => {
        if (account && res.statusCode >= 400) this.logRefusal(account, req, res);
      });
    }
    const kind: Service = service === "table" ? "table" : "blob";
    try {
      await this.handle(name!, service!, req, res, connection);
    } catch (error) {
      if (res.headersSent || res.destroyed) return void res.destroy();
      sendError(kind, req, res, this.toStorageError(error, connection), new Date(this.azure.clock.now()));
    }
  }

  close(): void {
    this.forwarder.close();
  }

  private async handle(
    name: string,
    serviceName: string,
    req: IncomingMessage,
    res: ServerResponse,
    connection: Connection,
  ): Promise<void> {
    const account = this.accounts.get(name)!;
    verifyFraming(req, this.azure.clock.now());
    const request = parseRequest(req);
    const now = this.azure.clock.now();
    verifyAccountSettings(account, request, connection, now, (line) => this.azure.log(line));
    if (serviceName !== "blob" && serviceName !== "table") {
      throw notInSandbox(`${serviceName} storage, only blobs and tables`);
    }
    const service: Service = serviceName;
    if (request.credential.kind === "sas") {
      verifySasFields(service, request.credential.scope, request.query, now);
    }
    if (service === "blob") checkBlobName(request.segments[1]);
    const operation = resolveOperation(service, request, connection.host);
    const tls = connection.tls !== undefined;
    const transaction =
      operation?.name === "Table_Batch"
        ? parseTransaction(request, await readTransactionBody(req), connection.host)
        : undefined;
    // The name of a new table is in the body.
    const newTable = operation?.name === "Table_Create" ? await readTransactionBody(req) : undefined;
    const tableName = newTable && readTableName(newTable);
    let pass: string | undefined;
    if (operation && request.credential.kind === "bearer") {
      const operations = transaction?.changes ?? [operation];
      await this.authorization.verifyRoles(service, account, request.credential.header, tls, operations);
      pass = this.azurite.pass;
    } else if (operation && request.credential.kind === "anonymous") {
      this.verifyAnonymousAccess(service, account, request);
    } else if (transaction && request.credential.kind === "sas") {
      // Azurite does not check the permissions of a SAS for the changes in a transaction.
      throw notInSandbox("entity group transactions with a shared access signature");
    }
    await this.waitUntilSynced();
    if (operation?.name === "Container_Create") {
      this.events.checkCreation(containerId(account, request.segments[0]));
    }
    if (operation) await this.immutability.verifyChangeAllowed(account, request, operation);
    const ports = await this.azurite.waitUntilReady(this.azure.clock.now() - Date.now());
    const options = {
      port: ports[service],
      host: connection.host,
      target: request.target,
      tls,
      operation: operation?.name,
      pass,
      portPass: this.azurite.portPass,
      body: transaction?.body ?? newTable,
      responseHeaders: accountHeaders(account),
      now: new Date(now),
    };
    this.forwarder.forward(req, res, options, (response) => {
      this.reportChange(account, request, operation, response.statusCode!, tableName);
      return correctResponse(service, request, req, res, response, new Date(this.azure.clock.now()));
    });
  }

  /** Writes a failed request to the blob service's log. Source of the columns: tables/storagebloblogs. */
  private logRefusal(account: Resource, { method = "" }: IncomingMessage, res: ServerResponse): void {
    const isRead = ["GET", "HEAD", "OPTIONS"].includes(method);
    this.monitor.writeLog({
      resourceId: `${account.id}/blobServices/default`,
      category: isRead ? "StorageRead" : method === "DELETE" ? "StorageDelete" : "StorageWrite",
      table: "StorageBlobLogs",
      line: {
        AccountName: account.name,
        StatusCode: String(res.statusCode),
        StatusText: String(res.getHeader("x-ms-error-code") ?? ""),
      },
    });
  }

  private verifyAnonymousAccess(service: Service, account: Resource, request: StorageRequest): void {
    if (service === "blob" && account.properties.allowBlobPublicAccess === true) return;
    // From this version on, Azure sends a client without a credential the address of the sign-in.
    const version = String(request.headers["x-ms-version"] ?? "");
    if (service === "table" || version >= "2019-12-12") throw this.authorization.noCredential();
    throw publicAccessNotPermitted();
  }

  /** Reports that a client changed or deleted a container or table. Resource Manager has the same ones. */
  private reportChange(
    account: Resource,
    request: StorageRequest,
    operation: Operation | undefined,
    status: number,
    tableName: string | undefined,
  ): void {
    if (status < 200 || status > 299) return;
    const [address] = request.segments;
    if (operation) this.events.changed(account, request, operation.name, tableName);
    if (operation?.name === "Container_Delete") {
      this.events.deleted(containerId(account, address));
    }
    const table = operation?.name === "Table_Delete" && /'(.+)'/.exec(address ?? "")?.[1];
    if (table) this.events.deleted(`${account.id}/tableServices/default/tables/${table}`);
  }

  private toStorageError(error: unknown, connection: Connection): StorageError {
    if (error instanceof StorageError) return error;
    this.azure.log(`${connection.host}: ${error instanceof Error ? error.stack : error}`);
    return new StorageError(
      500,
      "InternalError",
      "The server encountered an internal error. Please retry the request.",
    );
  }
}

/**
 * Verifies what Azure verifies of every request first: the length of a body (RFC 9110, 15.5.12; Azurite issue 2043), and the
 * form of the version.
 * @throws StorageError 411, 400
 */
function verifyFraming({ method = "", headers }: IncomingMessage, now: number): void {
  const hasLength = headers["content-length"] !== undefined || headers["transfer-encoding"] !== undefined;
  if (["PUT", "POST", "PATCH", "MERGE"].includes(method) && !hasLength) throw missingContentLength();
  const version = headers["x-ms-version"];
  if (version !== undefined && !isServiceVersion(String(version), now)) throw invalidHeader("x-ms-version");
}

function containerId(account: Resource, name: string | undefined): string {
  return `${account.id}/blobServices/default/containers/${name}`;
}

/** The account's kind and SKU for Get Account Information. Azurite returns the same values for all accounts. */
function accountHeaders({ kind, sku }: Resource): Record<string, string> {
  return {
    ...(kind ? { "x-ms-account-kind": kind } : {}),
    ...(sku ? { "x-ms-sku-name": String(sku.name) } : {}),
  };
}
