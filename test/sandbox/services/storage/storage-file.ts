import {
  BlobSASPermissions,
  type BlobSASSignatureValues,
  type BlockBlobClient,
  generateBlobSASQueryParameters,
  SASProtocol,
} from "@azure/storage-blob";
import { temporaryFolder } from "../../proxy/proxy-client.ts";
import { filesAccount, filesProperties, flow, flowProperties, StorageCloud } from "./storage-cloud.ts";

const dayMs = 24 * 3600 * 1000;

/** The two storage accounts, with one file of five bytes, "hello", in the one for files. */
export interface StoredFile extends AsyncDisposable {
  azure: StorageCloud;
  blob: BlockBlobClient;
  /** A link to the file whose SAS is valid for so many days from now, ad hoc unless it says otherwise. */
  link(days: number, more?: Partial<BlobSASSignatureValues>): string;
  /** Makes the account for files what the program declares again, after a test that changed it. */
  redeclare(): void;
}

export async function storeFile(): Promise<StoredFile> {
  const dir = await temporaryFolder();
  const azure = await StorageCloud.open(dir.path);
  azure.deploy(filesAccount, filesProperties);
  azure.deploy(flow, flowProperties);
  const container = azure.blobs(filesAccount).getContainerClient("t-1");
  await container.create();
  const blob = container.getBlockBlobClient("menu.txt");
  await blob.upload("hello", 5);
  return {
    azure,
    blob,
    link(days, more = {}) {
      const startsOn = new Date(Math.floor(Date.now() / 1000) * 1000 - 1000);
      const values = {
        containerName: "t-1",
        blobName: "menu.txt",
        permissions: BlobSASPermissions.parse("r"),
        protocol: SASProtocol.Https,
        startsOn,
        expiresOn: new Date(startsOn.getTime() + days * dayMs),
        ...more,
      };
      return `${blob.url}?${generateBlobSASQueryParameters(values, azure.sharedKey(filesAccount))}`;
    },
    redeclare() {
      azure.deploy(filesAccount, {
        ...filesProperties,
        publicNetworkAccess: "Enabled",
        networkAcls: undefined,
      });
      azure.log.length = 0;
    },
    async [Symbol.asyncDispose]() {
      await azure.close();
      await dir[Symbol.asyncDispose]();
    },
  };
}
