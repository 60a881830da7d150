import { join } from "node:path";
import * as tls from "node:tls";
import type { TokenCredential } from "@azure/core-auth";
import { AzureNamedKeyCredential, TableClient, TableServiceClient } from "@azure/data-tables";
import { BlobServiceClient, StorageSharedKeyCredential } from "@azure/storage-blob";
import { type AzureEnvironment, openAzureEnvironment } from "../../../../sandbox/core/azure-environment.ts";
import { MovableClock } from "../../../../sandbox/core/clock.ts";
import type { Principal } from "../../../../sandbox/entra-id/directory.ts";
import { type AzureProxy, startProxy } from "../../../../sandbox/proxy/proxy.ts";
import type { Resource } from "../../../../sandbox/resource-manager/resources.ts";
import { type Storage, startStorage } from "../../../../sandbox/services/storage/storage.ts";

export const filesAccount = "examplefiles";
export const flowAccount = "exampleflowkeys";

/** The account for files, with the properties that the program declares. */
export const filesProperties = {
  minimumTlsVersion: "TLS1_2",
  supportsHttpsTrafficOnly: true,
  allowBlobPublicAccess: false,
  allowSharedKeyAccess: true,
  sasPolicy: { sasExpirationPeriod: "30.00:00:00", expirationAction: "Block" },
};

/** The account for the hashes of the Flow keys, with the properties that the program declares. */
export const flowProperties = {
  minimumTlsVersion: "TLS1_2",
  supportsHttpsTrafficOnly: true,
  allowBlobPublicAccess: false,
  allowSharedKeyAccess: false,
};

/** The GUIDs of built-in roles. */
export const roleNames = {
  owner: "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
  blobContributor: "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
  blobOwner: "b7e6dc6d-f1e8-4753-8033-0f276bb0955b",
  blobReader: "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1",
  tableContributor: "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3",
  tableReader: "76199698-9eea-4c19-bc75-cec21354c6b6",
};

/** The sandbox's storage behind its proxy, for the official clients. Tests deploy the accounts that they need. */
export class TestStorage {
  readonly clock = new MovableClock();
  readonly log: string[] = [];
  readonly dir: string;
  azure!: AzureEnvironment;
  storage!: Storage;
  proxy!: AzureProxy;

  constructor(dir: string) {
    this.dir = dir;
  }

  /** Starts the storage with the state in `dir`. */
  static async open(dir: string): Promise<TestStorage> {
    const opened = new TestStorage(dir);
    const log = (line: string) => void opened.log.push(line);
    opened.azure = await openAzureEnvironment({ file: join(dir, "state.sqlite"), clock: opened.clock, log });
    opened.storage = await startStorage(opened.azure, join(dir, "azurite"));
    const endpoints = [opened.storage.endpoint];
    opened.proxy = await startProxy(opened.azure, { dir: join(dir, "proxy"), port: 0, endpoints });
    // The process trusts the CA of each storage that a test opens. It is never removed, because others may still be open.
    tls.setDefaultCACertificates([...tls.getCACertificates("default"), opened.proxy.ca]);
    return opened;
  }

  /** Directs an official client to this storage. */
  get proxyOptions(): { host: string; port: number } {
    const { hostname, port } = new URL(this.proxy.url);
    return { host: `http://${hostname}`, port: Number(port) };
  }

  async close(): Promise<void> {
    await this.proxy.close();
    await this.storage.close();
    this.azure.store.close();
  }

  /** Deploys a storage account, or changes some of its properties. */
  deploy(name: string, properties: Record<string, unknown>): Resource {
    const id = this.accountId(name);
    const account = {
      id,
      name,
      type: "Microsoft.Storage/storageAccounts",
      location: "westeurope",
      properties: { ...this.azure.resources.get(id)?.properties, ...properties },
    };
    this.azure.resources.put(account);
    return account;
  }

  accountId(name: string): string {
    const group = `/subscriptions/${this.azure.subscriptionId}/resourceGroups/example`;
    return `${group}/providers/Microsoft.Storage/storageAccounts/${name}`;
  }

  key(name: string, keyName = "key1"): string {
    return this.storage.accountKeys.list(this.accountId(name)).find((key) => key.keyName === keyName)!.value;
  }

  /** A client of a blob service, which signs in with the account key, or with the given credential. */
  blobs(name: string, credential?: TokenCredential | StorageSharedKeyCredential): BlobServiceClient {
    return new BlobServiceClient(
      `https://${name}.blob.core.windows.net`,
      credential ?? this.sharedKey(name),
      // Most tests expect an error. A retry would only take time.
      { retryOptions: { maxTries: 1 }, proxyOptions: this.proxyOptions },
    );
  }

  sharedKey(name: string, keyName?: string): StorageSharedKeyCredential {
    return new StorageSharedKeyCredential(name, this.key(name, keyName));
  }

  table(name: string, table: string, credential?: TokenCredential): TableClient {
    const url = `https://${name}.table.core.windows.net`;
    const options = { retryOptions: { maxRetries: 0 }, proxyOptions: this.proxyOptions };
    return credential
      ? new TableClient(url, table, credential, options)
      : new TableClient(url, table, new AzureNamedKeyCredential(name, this.key(name)), options);
  }

  tables(name: string, credential: TokenCredential): TableServiceClient {
    return new TableServiceClient(`https://${name}.table.core.windows.net`, credential, {
      retryOptions: { maxRetries: 0 },
      proxyOptions: this.proxyOptions,
    });
  }

  /** Creates a service principal with roles (by GUID) at scopes. */
  createPrincipal(...roles: { role: string; scope: string }[]): Principal & { credential: TokenCredential } {
    const principal = this.azure.directory.addServicePrincipal("example");
    for (const { role, scope } of roles) this.assign(principal.objectId, role, scope);
    return { ...principal, credential: this.credential(principal) };
  }

  assign(principalId: string, role: string, scope: string): Resource {
    const name = crypto.randomUUID();
    const assignment = {
      id: `${scope}/providers/Microsoft.Authorization/roleAssignments/${name}`,
      name,
      type: "Microsoft.Authorization/roleAssignments",
      properties: {
        principalId,
        scope,
        roleDefinitionId: `/subscriptions/${this.azure.subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/${role}`,
      },
    };
    this.azure.resources.put(assignment);
    return assignment;
  }

  /** Creates a custom role with data actions below Microsoft.Storage/storageAccounts. @returns Its GUID. */
  createRole(...dataActions: string[]): string {
    const name = crypto.randomUUID();
    this.azure.resources.put({
      id: `/subscriptions/${this.azure.subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/${name}`,
      type: "Microsoft.Authorization/roleDefinitions",
      name,
      properties: {
        roleName: "Example role",
        permissions: [
          { dataActions: dataActions.map((action) => `Microsoft.Storage/storageAccounts/${action}`) },
        ],
      },
    });
    return name;
  }

  /** The value of an Authorization header, for requests without an official client. */
  async bearer({ credential }: { credential: TokenCredential }): Promise<string> {
    const token = await credential.getToken("https://storage.azure.com/.default");
    return `Bearer ${token?.token}`;
  }

  private credential(principal: Principal): TokenCredential {
    return {
      getToken: async (scopes) => {
        const audience = String(scopes).replace(/\/\.default$/, "");
        const { token, expiresIn } = await this.azure.tokens.issue(principal, audience);
        return { token, expiresOnTimestamp: Date.now() + expiresIn * 1000 };
      },
    };
  }
}
