import { AzureNamedKeyCredential, TableClient, TableServiceClient } from "@azure/data-tables";
import {
  BlobSASPermissions,
  type BlobSASSignatureValues,
  BlobServiceClient,
  type ContainerClient,
  generateBlobSASQueryParameters,
  StorageSharedKeyCredential,
} from "@azure/storage-blob";
import type { Target } from "../targets/target.ts";

/** A storage account, with official clients that do not repeat calls. */
export class StorageClients {
  readonly target: Target;
  /** Resource ID of the account. */
  readonly id: string;
  readonly name: string;
  readonly key: string;

  constructor(target: Target, id: string, name: string, key: string) {
    this.target = target;
    this.id = id;
    this.name = name;
    this.key = key;
  }

  get blobUrl(): string {
    return `https://${this.name}.blob.core.windows.net/`;
  }

  get tableUrl(): string {
    return `https://${this.name}.table.core.windows.net`;
  }

  /** The blob service, signed in with the account key. */
  blobs(key = this.key): BlobServiceClient {
    return new BlobServiceClient(this.blobUrl, new StorageSharedKeyCredential(this.name, key), {
      retryOptions: { maxTries: 1 },
      ...this.target.clientOptions,
    });
  }

  /** The blob service, signed in with Entra ID. */
  blobsOfPrincipal(): BlobServiceClient {
    return new BlobServiceClient(this.blobUrl, this.target.credential, {
      retryOptions: { maxTries: 1 },
      ...this.target.clientOptions,
    });
  }

  /** Creates a container with one blob, hello.txt. */
  async container(name: string): Promise<ContainerClient> {
    const container = this.blobs().getContainerClient(name);
    await container.create();
    await container.getBlockBlobClient("hello.txt").upload("hello", 5);
    return container;
  }

  /** The tables, signed in with the account key. */
  tables(): TableServiceClient {
    return new TableServiceClient(this.tableUrl, new AzureNamedKeyCredential(this.name, this.key), {
      retryOptions: { maxRetries: 0 },
      ...this.target.clientOptions,
    });
  }

  /** Creates a table, signed in with the account key. */
  async table(name: string): Promise<TableClient> {
    await this.tables().createTable(name);
    return new TableClient(this.tableUrl, name, new AzureNamedKeyCredential(this.name, this.key), {
      retryOptions: { maxRetries: 0 },
      ...this.target.clientOptions,
    });
  }

  /** The URL of hello.txt with a SAS of the account key: read for an hour, with the given changes. */
  link(container: ContainerClient, more: Partial<BlobSASSignatureValues> = {}, key = this.key): string {
    const values: BlobSASSignatureValues = {
      containerName: container.containerName,
      blobName: "hello.txt",
      permissions: BlobSASPermissions.parse("r"),
      expiresOn: new Date(this.target.now() + 3_600_000),
      ...more,
    };
    const sas = generateBlobSASQueryParameters(values, new StorageSharedKeyCredential(this.name, key));
    return `${container.getBlobClient(values.blobName ?? "hello.txt").url}?${sas}`;
  }
}

/** Status and code of a call of an official client: 200 and no code when it succeeds. */
export async function outcomeOf(call: Promise<unknown>): Promise<{ status: number; code: string | null }> {
  try {
    await call;
    return { status: 200, code: null };
  } catch (error) {
    const { statusCode, code, details, response } = error as {
      statusCode?: number;
      code?: string;
      details?: { errorCode?: string; odataError?: { code?: string } };
      response?: { headers: { get(name: string): string | undefined } };
    };
    if (statusCode === undefined) throw error;
    const named = response?.headers.get("x-ms-error-code");
    return {
      status: statusCode,
      code: named ?? details?.odataError?.code ?? details?.errorCode ?? code ?? null,
    };
  }
}
