import { Agent, request } from "node:http";
import { XMLBuilder, XMLParser } from "fast-xml-parser";
import type { Clock } from "../../../core/clock.ts";
import type { Service } from "../storage-request.ts";
import type { Azurite } from "./azurite.ts";
import { passHeader } from "./messages.ts";

/** A blob in a listing. */
export interface ListedBlob {
  name: string;
  /** For example BlockBlob. */
  type: string;
  createdOn: Date;
  lastModified: Date;
}

/** A stored access policy of a table, as ARM has it. */
export interface SignedIdentifier {
  id: string;
  accessPolicy?: { startTime?: string; expiryTime?: string; permission?: string };
}

interface Listing {
  EnumerationResults: {
    Containers?: { Container?: { Name: string }[] };
    Blobs?: { Blob?: { Name: string; Properties: Record<string, string> }[] };
    NextMarker?: string;
  };
}

interface CallOptions {
  headers?: Record<string, string>;
  body?: string;
  /** A status besides 2xx that is as good: there already, or gone already. */
  ignore?: number;
}

const xml = new XMLParser({
  // A container may be called 007.
  parseTagValue: false,
  isArray: (name) => name === "Container" || name === "Blob",
});

const builder = new XMLBuilder();

/**
 * The sandbox's own calls to Azurite, past all account rules. They go straight to loopback: the official clients
 * would follow whatever proxy this process has in its environment.
 */
export class AzuriteClient {
  private readonly azurite: Azurite;
  private readonly clock: Clock;
  private readonly agent = new Agent({ keepAlive: true });

  constructor(azurite: Azurite, clock: Clock) {
    this.azurite = azurite;
    this.clock = clock;
  }

  async *containers(account: string): AsyncGenerator<string> {
    for await (const { Containers } of this.list(`/${account}?comp=list`)) {
      for (const { Name } of Containers?.Container ?? []) yield Name;
    }
  }

  /** @param access Who may read without a credential: "blob" or "container"; nobody when left out. */
  async createContainer(account: string, name: string, access?: string): Promise<void> {
    const headers: Record<string, string> = access ? { "x-ms-blob-public-access": access } : {};
    await this.call("blob", "PUT", `/${account}/${name}?restype=container`, { headers, ignore: 409 });
  }

  async deleteContainer(account: string, name: string): Promise<void> {
    await this.call("blob", "DELETE", `/${account}/${name}?restype=container`, { ignore: 404 });
  }

  async *blobs(account: string, container: string): AsyncGenerator<ListedBlob> {
    for await (const { Blobs } of this.list(`/${account}/${container}?restype=container&comp=list`)) {
      for (const { Name, Properties } of Blobs?.Blob ?? []) {
        yield {
          name: Name,
          type: Properties.BlobType ?? "",
          createdOn: new Date(Properties["Creation-Time"] ?? ""),
          lastModified: new Date(Properties["Last-Modified"] ?? ""),
        };
      }
    }
  }

  /** When a blob was last changed; undefined when there is none. */
  async lastModified(account: string, container: string, name: string): Promise<Date | undefined> {
    const path = blobPath(account, container, name);
    const { status, lastModified } = await this.send("blob", "HEAD", path, { ignore: 404 });
    return status === 404 ? undefined : new Date(lastModified);
  }

  /** Deletes a blob with its snapshots. */
  async deleteBlob(account: string, container: string, name: string): Promise<void> {
    const path = blobPath(account, container, name);
    await this.call("blob", "DELETE", path, { headers: { "x-ms-delete-snapshots": "include" }, ignore: 404 });
  }

  async tables(account: string): Promise<string[]> {
    const text = await this.call("table", "GET", `/${account}/Tables`);
    return (JSON.parse(text) as { value: { TableName: string }[] }).value.map((table) => table.TableName);
  }

  /** @returns Whether it was not there before. */
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

  private async *list(path: string): AsyncGenerator<Listing["EnumerationResults"]> {
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
    const ports = await this.azurite.ready(this.clock.now() - Date.now());
    const { promise, resolve, reject } = Promise.withResolvers<Awaited<ReturnType<AzuriteClient["send"]>>>();
    const req = request({ host: "127.0.0.1", port: ports[service], agent: this.agent, method, path });
    req.setHeader(passHeader, this.azurite.pass);
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
        else reject(new Error(`${method} ${path} was answered ${status}: ${text}`));
      });
    });
    req.end(options.body);
    return promise;
  }
}

function blobPath(account: string, container: string, name: string): string {
  return `/${account}/${container}/${name.split("/").map(encodeURIComponent).join("/")}`;
}
