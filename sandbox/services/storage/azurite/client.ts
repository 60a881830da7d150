import { Agent, request } from "node:http";
import { XMLBuilder, XMLParser } from "fast-xml-parser";
import type { Clock } from "../../../core/clock.ts";
import type { Service } from "../storage-request.ts";
import type { Azurite } from "./azurite.ts";
import { passHeader, portPassHeader } from "./messages.ts";

/** A blob in a listing. */
export interface ListedBlob {
  name: string;
  /** For example BlockBlob. */
  type: string;
  createdOn: Date;
  lastModified: Date;
}

/** A stored access policy of a table, in the form of Azure Resource Manager. */
export interface SignedIdentifier {
  id: string;
  accessPolicy?: { startTime?: string; expiryTime?: string; permission?: string };
}

/** A name with characters that XML does not have, percent-encoded. */
interface EncodedName {
  "#text": string;
}

interface Listing {
  EnumerationResults: {
    Containers?: { Container?: { Name: string }[] };
    Blobs?: { Blob?: { Name: string | EncodedName; Properties: Record<string, string> }[] };
    NextMarker?: string;
  };
}

interface CallOptions {
  headers?: Record<string, string>;
  body?: string;
  /** A status other than 2xx that counts as success, for example 404 when deleting. */
  ignore?: number;
}

const xml = new XMLParser({
  // A container may have a numeric name, such as 007.
  parseTagValue: false,
  // A name with the attribute Encoded is percent-encoded.
  ignoreAttributes: false,
  isArray: (name) => name === "Container" || name === "Blob",
});

const builder = new XMLBuilder();

/**
 * The sandbox's own calls of Azurite, without the checks of accounts. It connects to 127.0.0.1 directly, because the
 * official clients would use the proxy in this process's environment.
 */
export class AzuriteClient {
  private readonly azurite: Azurite;
  private readonly clock: Clock;
  private readonly agent = new Agent({ keepAlive: true });

  constructor(azurite: Azurite, clock: Clock) {
    this.azurite = azurite;
    this.clock = clock;
  }

  async *listContainers(account: string): AsyncGenerator<string> {
    for await (const { Containers } of this.listPages(`/${account}?comp=list`)) {
      for (const { Name } of Containers?.Container ?? []) yield Name;
    }
  }

  /**
   * @param access Level of anonymous access: "blob" or "container"; default no anonymous access.
   * @returns Whether the container was created; false when it already existed.
   */
  async createContainer(account: string, name: string, access?: string): Promise<boolean> {
    const headers = accessHeader(access);
    const path = `/${account}/${name}?restype=container`;
    return (await this.send("blob", "PUT", path, { headers, ignore: 409 })).status !== 409;
  }

  /** Sets the level of anonymous access of a container, and keeps its stored access policies. */
  async setContainerAccess(account: string, name: string, access: string | undefined): Promise<void> {
    const path = `/${account}/${name}?restype=container&comp=acl`;
    const body = await this.call("blob", "GET", path);
    const headers = { ...accessHeader(access), "content-type": "application/xml" };
    await this.call("blob", "PUT", path, { headers, body });
  }

  async deleteContainer(account: string, name: string): Promise<void> {
    await this.call("blob", "DELETE", `/${account}/${name}?restype=container`, { ignore: 404 });
  }

  async *listBlobs(account: string, container: string): AsyncGenerator<ListedBlob> {
    for await (const { Blobs } of this.listPages(`/${account}/${container}?restype=container&comp=list`)) {
      for (const { Name, Properties } of Blobs?.Blob ?? []) {
        yield {
          name: typeof Name === "string" ? Name : decodeURIComponent(Name["#text"]),
          type: Properties.BlobType ?? "",
          createdOn: new Date(Properties["Creation-Time"] ?? ""),
          lastModified: new Date(Properties["Last-Modified"] ?? ""),
        };
      }
    }
  }

  /** The time of a blob's last change; undefined when the blob does not exist. */
  async readLastModified(account: string, container: string, name: string): Promise<Date | undefined> {
    const path = blobPath(account, container, name);
    const { status, lastModified } = await this.send("blob", "HEAD", path, { ignore: 404 });
    return status === 404 ? undefined : new Date(lastModified);
  }

  /** Deletes a blob and its snapshots. */
  async deleteBlob(account: string, container: string, name: string): Promise<void> {
    const path = blobPath(account, container, name);
    await this.call("blob", "DELETE", path, { headers: { "x-ms-delete-snapshots": "include" }, ignore: 404 });
  }

  /** At most a thousand names: the first page of the listing. */
  async listTables(account: string): Promise<string[]> {
    const text = await this.call("table", "GET", `/${account}/Tables`);
    return (JSON.parse(text) as { value: { TableName: string }[] }).value.map((table) => table.TableName);
  }

  /** @returns Whether the table was created; false when it already existed. */
  async createTable(account: string, name: string): Promise<boolean> {
    const body = JSON.stringify({ TableName: name });
    const { status } = await this.send("table", "POST", `/${account}/Tables`, { body, ignore: 409 });
    return status !== 409;
  }

  /** Replaces a table's stored access policies. */
  async setTablePolicies(account: string, name: string, identifiers: SignedIdentifier[]): Promise<void> {
    const policies = identifiers.map(({ id, accessPolicy = {} }) => ({
      Id: id,
      AccessPolicy: {
        Start: accessPolicy.startTime,
        Expiry: accessPolicy.expiryTime,
        Permission: accessPolicy.permission,
      },
    }));
    const body = builder.build({ SignedIdentifiers: { SignedIdentifier: policies } });
    const headers = { "content-type": "application/xml" };
    await this.call("table", "PUT", `/${account}/${name}?comp=acl`, { headers, body });
  }

  async deleteTable(account: string, name: string): Promise<void> {
    await this.call("table", "DELETE", `/${account}/Tables('${name}')`, { ignore: 404 });
  }

  close(): void {
    this.agent.destroy();
  }

  private async *listPages(path: string): AsyncGenerator<Listing["EnumerationResults"]> {
    let marker = "";
    do {
      const text = await this.call("blob", "GET", `${path}&marker=${encodeURIComponent(marker)}`);
      const { EnumerationResults: page } = xml.parse(text) as Listing;
      yield page;
      marker = page.NextMarker ?? "";
    } while (marker !== "");
  }

  private async call(
    service: Service,
    method: string,
    path: string,
    options: CallOptions = {},
  ): Promise<string> {
    return (await this.send(service, method, path, options)).text;
  }

  private async send(
    service: Service,
    method: string,
    path: string,
    options: CallOptions,
  ): Promise<{ status: number; lastModified: string; text: string }> {
    const ports = await this.azurite.waitUntilReady(this.clock.now() - Date.now());
    const { promise, resolve, reject } = Promise.withResolvers<Awaited<ReturnType<AzuriteClient["send"]>>>();
    const req = request({ host: "127.0.0.1", port: ports[service], agent: this.agent, method, path });
    req.setHeader(passHeader, this.azurite.pass);
    req.setHeader(portPassHeader, this.azurite.portPass);
    req.setHeader("x-ms-version", "2021-12-02");
    if (service === "table") req.setHeader("accept", "application/json;odata=nometadata");
    if (options.body) req.setHeader("content-type", "application/json");
    for (const [name, value] of Object.entries(options.headers ?? {})) req.setHeader(name, value);
    req.on("error", reject);
    req.on("response", (res) => {
      let text = "";
      res.setEncoding("utf8");
      res.on("data", (chunk: string) => {
        text += chunk;
      });
      res.on("error", reject);
      res.on("end", () => {
        const { statusCode: status = 0 } = res;
        const lastModified = res.headers["last-modified"] ?? "";
        if ((status >= 200 && status < 300) || status === options.ignore)
          resolve({ status, lastModified, text });
        else reject(new Error(`Azurite responded to ${method} ${path} with ${status}: ${text}`));
      });
    });
    req.end(options.body);
    return promise;
  }
}

function accessHeader(access: string | undefined): Record<string, string> {
  return access ? { "x-ms-blob-public-access": access } : {};
}

function blobPath(account: string, container: string, name: string): string {
  return `/${account}/${container}/${name.split("/").map(encodeURIComponent).join("/")}`;
}
