import type { TokenCredential } from "@azure/core-auth";
import { AzureNamedKeyCredential, TableClient, TableServiceClient } from "@azure/data-tables";
import { BlobServiceClient, StorageSharedKeyCredential } from "@azure/storage-blob";
import type { AzureEnvironment } from "../../../../sandbox/core/azure-environment.ts";
import type { AzureProxy } from "../../../../sandbox/proxy/proxy.ts";
import type { Resource } from "../../../../sandbox/resource-manager/resources.ts";
import type { Storage } from "../../../../sandbox/services/storage/storage.ts";
import {
  exampleStorageAccount,
  filesAccountProperties,
  flowKeysAccountProperties,
} from "../../../support/example-resources.ts";
import type { TestClock } from "../../../support/test-clock.ts";
import { type TestPrincipal, TestSandbox } from "../../../support/test-sandbox.ts";

export const filesAccount = "examplefiles";
export const flowAccount = "exampleflowkeys";

export const filesProperties = filesAccountProperties;
export const flowProperties = flowKeysAccountProperties;

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
export class TestStorage implements AsyncDisposable {
  readonly sandbox: TestSandbox;

  private constructor(sandbox: TestSandbox) {
    this.sandbox = sandbox;
  }

  /**
   * Starts the storage with the state in a folder.
   * @param folder It is kept; default a temporary folder, which is deleted at the end.
   */
  static async open(folder?: string): Promise<TestStorage> {
    return new TestStorage(await TestSandbox.start({ folder, storage: {} }));
  }

  get azure(): AzureEnvironment {
    return this.sandbox.azure;
  }

  get clock(): TestClock {
    return this.sandbox.clock;
  }

  get proxy(): AzureProxy {
    return this.sandbox.proxy;
  }

  get storage(): Storage {
    return this.sandbox.storage;
  }

  /** The sandbox's log, a line each. */
  get log(): string[] {
    return this.sandbox.log;
  }

  /** Directs an official client to this storage. */
  get proxyOptions(): { host: string; port: number } {
    return this.sandbox.proxyOptions;
  }

  close(): Promise<void> {
    return this.sandbox[Symbol.asyncDispose]();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Deploys a storage account, or changes some of its properties. */
  deploy(name: string, properties: Record<string, unknown>): Resource {
    const known = this.azure.resources.get(this.accountId(name))?.properties;
    const account = exampleStorageAccount(this.azure.subscriptionId, name, { ...known, ...properties });
    this.azure.resources.put(account);
    return account;
  }

  accountId(name: string): string {
    return exampleStorageAccount(this.azure.subscriptionId, name).id;
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
  createPrincipal(...roles: { role: string; scope: string }[]): TestPrincipal {
    return this.sandbox.principal(...roles);
  }

  assign(principalId: string, role: string, scope: string): Resource {
    return this.sandbox.assign(principalId, { role, scope });
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
}
