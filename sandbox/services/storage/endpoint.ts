import type { IncomingMessage, ServerResponse } from "node:http";
import type { AzureEnvironment } from "../../core/azure-environment.ts";
import type { Connection, ServiceEndpoint } from "../../proxy/service-endpoint.ts";
import type { Resource } from "../../resource-manager/resources.ts";
import { isAccount, storageAccountType } from "./authentication/account-keys.ts";
import { checkAccount } from "./authentication/account-settings.ts";
import { Authorization } from "./authentication/authorization.ts";
import type { Azurite } from "./azurite/azurite.ts";
import { Forwarder } from "./azurite/forward.ts";
import type { Immutability } from "./immutability.ts";
import { type Operation, operationOf } from "./operations/operations.ts";
import { readBody, readTransaction } from "./operations/transactions.ts";
import { authenticationFailed, notInSandbox, StorageError, sendError } from "./storage-error.ts";
import { readRequest, type Service, type StorageRequest } from "./storage-request.ts";

const hostPattern = /^([a-z0-9]+)\.(blob|table|queue|file|dfs|web)\.core\.windows\.net$/;

/** What the site tells of changes that clients made to things which ARM knows too. */
export interface DataPlaneEvents {
  /** A container or table is gone; its resource ID. */
  deleted(id: string): void;
}

/** The data plane of every storage account that is deployed: <account>.blob and .table.core.windows.net. */
export class StorageEndpoint implements ServiceEndpoint {
  readonly plainHttp = true;
  private readonly azure: AzureEnvironment;
  private readonly azurite: Azurite;
  private readonly immutability: Immutability;
  private readonly authorization: Authorization;
  private readonly forwarder = new Forwarder();
  private readonly events: DataPlaneEvents;
  private readonly settled: () => Promise<unknown>;
  private readonly accounts = new Map<string, Resource>();

  /** @param settled Resolves when what ARM declared so far is in Azurite. */
  constructor(
    azure: AzureEnvironment,
    azurite: Azurite,
    immutability: Immutability,
    settled: () => Promise<unknown>,
    events: DataPlaneEvents,
  ) {
    this.azure = azure;
    this.azurite = azurite;
    this.immutability = immutability;
    this.authorization = new Authorization(azure);
    this.settled = settled;
    this.events = events;
    const keep = (resource: Resource) => {
      if (isAccount(resource)) this.accounts.set(resource.name.toLowerCase(), resource);
    };
    for (const account of azure.resources.list(storageAccountType)) keep(account);
    azure.resources.on("put", keep);
    azure.resources.on("delete", (resource) => {
      if (isAccount(resource)) this.accounts.delete(resource.name.toLowerCase());
    });
  }

  serves(host: string): boolean {
    return this.accounts.has(hostPattern.exec(host)?.[1] ?? "");
  }

  /** Any version is taken in the handshake: Azure Storage refuses old ones by an answer of its own. */
  minimumTls(): "TLSv1" {
    return "TLSv1";
  }

  async request(req: IncomingMessage, res: ServerResponse, connection: Connection): Promise<void> {
    const [, name, service] = hostPattern.exec(connection.host)!;
    const kind: Service = service === "table" ? "table" : "blob";
    try {
      await this.handle(name!, service!, req, res, connection);
    } catch (error) {
      if (res.headersSent || res.destroyed) return void res.destroy();
      sendError(kind, req, res, this.refusal(error, connection), new Date(this.azure.clock.now()));
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
    const request = readRequest(req);
    const now = this.azure.clock.now();
    checkAccount(account, request, connection, now, (line) => this.azure.log(line));
    if (serviceName !== "blob" && serviceName !== "table") {
      throw notInSandbox(`${serviceName} storage, only blobs and tables`);
    }
    const service: Service = serviceName;
    const operation = operationOf(service, request);
    const tls = connection.tls !== undefined;
    const transaction =
      operation?.name === "Table_Batch"
        ? readTransaction(request, await readBody(req), connection.host)
        : undefined;
    let pass: string | undefined;
    if (operation && request.credential.kind === "bearer") {
      const asked = transaction?.changes ?? [operation];
      await this.authorization.check(service, account, request.credential.header, tls, asked);
      pass = this.azurite.pass;
    } else if (operation && request.credential.kind === "anonymous") {
      this.checkAnonymous(service, account, request);
    } else if (transaction && request.credential.kind === "sas") {
      // Azurite would let any permission do anything in it.
      throw notInSandbox("entity group transactions with a shared access signature");
    }
    await this.settled();
    if (operation) await this.immutability.check(account, request, operation);
    const ports = await this.azurite.ready(this.azure.clock.now() - Date.now());
    const how = {
      port: ports[service],
      host: connection.host,
      target: request.target,
      tls,
      operation: operation?.name,
      pass,
      body: transaction?.body,
      said: declared(account),
      now: new Date(now),
    };
    this.forwarder.forward(req, res, how, (answer) => {
      this.noteDeletion(account, request, operation, answer.statusCode!);
      const nothing = emptyRange(answer);
      if (nothing) {
        answer.resume();
        return Promise.resolve(sendError(service, req, res, nothing, how.now));
      }
      if (answer.statusCode !== 403) return undefined;
      return this.rewordRefusal(service, request, req, res, answer);
    });
  }

  private checkAnonymous(service: Service, account: Resource, request: StorageRequest): void {
    if (service === "blob" && account.properties.allowBlobPublicAccess === true) return;
    // Versions since this one tell a client without a credential how to sign in.
    const version = String(request.headers["x-ms-version"] ?? "");
    if (service === "table" || version >= "2019-12-12") throw this.authorization.noCredential();
    throw new StorageError(
      409,
      "PublicAccessNotPermitted",
      "Public access is not permitted on this storage account.",
    );
  }

  /** A container or table that ARM declared and a client deleted is gone for ARM too, as in Azure. */
  private noteDeletion(
    account: Resource,
    request: StorageRequest,
    operation: Operation | undefined,
    status: number,
  ): void {
    if (status < 200 || status > 299) return;
    const [address] = request.segments;
    if (operation?.name === "Container_Delete") {
      this.events.deleted(`${account.id}/blobServices/default/containers/${address}`);
    }
    const table = operation?.name === "Table_Delete" && /'(.+)'/.exec(address ?? "")?.[1];
    if (table) this.events.deleted(`${account.id}/tableServices/default/tables/${table}`);
  }

  /**
   * Azurite says AuthorizationFailure where Azure says AuthenticationFailed (a signature, a stored access policy
   * or times that do not hold), or that there is no such thing (a stranger at a private container).
   */
  private async rewordRefusal(
    service: Service,
    request: StorageRequest,
    req: IncomingMessage,
    res: ServerResponse,
    answer: IncomingMessage,
  ): Promise<void> {
    let text = "";
    for await (const chunk of answer) text += chunk;
    const now = new Date(this.azure.clock.now());
    const code = String(answer.headers["x-ms-error-code"] ?? /"code":"(\w+)"/.exec(text)?.[1] ?? "");
    if (code === "AuthorizationFailure" || code === "") {
      const stranger = request.credential.kind === "anonymous";
      const missing = new StorageError(404, "ResourceNotFound", "The specified resource does not exist.");
      sendError(service, req, res, stranger ? missing : authenticationFailed(), now);
      return;
    }
    res.writeHead(403, {
      // An answer to HEAD has no type.
      "content-type": answer.headers["content-type"] ?? "application/xml",
      "x-ms-error-code": code,
      "x-ms-request-id": answer.headers["x-ms-request-id"],
      date: now.toUTCString(),
    });
    res.end(req.method === "HEAD" ? undefined : text);
  }

  private refusal(error: unknown, connection: Connection): StorageError {
    if (error instanceof StorageError) return error;
    this.azure.log(`${connection.host}: ${error instanceof Error ? error.stack : error}`);
    return new StorageError(
      500,
      "InternalError",
      "The server encountered an internal error. Please retry the request.",
    );
  }
}

/** A range that begins where the blob ends: nothing to Azurite, an error to Azure (Azurite issue 318). */
function emptyRange(answer: IncomingMessage): StorageError | undefined {
  const [, first, last, size] =
    /^bytes (\d+)-(\d+)\/(\d+)$/.exec(String(answer.headers["content-range"])) ?? [];
  if (answer.statusCode !== 206 || Number(last) >= Number(first)) return undefined;
  return new StorageError(
    416,
    "InvalidRange",
    "The range specified is invalid for the current size of the resource.",
    { contentRange: `bytes */${size}` },
  );
}

/** What an account tells of itself (Get Account Information): Azurite has one answer for all. */
function declared({ kind, sku }: Resource): Record<string, string> {
  return {
    ...(kind ? { "x-ms-account-kind": kind } : {}),
    ...(sku ? { "x-ms-sku-name": String(sku.name) } : {}),
  };
}
