import {
  BlobSASPermissions,
  type BlobSASSignatureValues,
  type BlockBlobClient,
  generateBlobSASQueryParameters,
  SASProtocol,
} from "@azure/storage-blob";
import { temporaryFolder } from "../../../support/folder.ts";
import { filesAccount, filesProperties, flowAccount, flowProperties, TestStorage } from "./test-storage.ts";

const dayMs = 24 * 3600 * 1000;

/** A storage with the program's two accounts. The account for files contains one file with the text "hello". */
export interface StoredFile extends AsyncDisposable {
  azure: TestStorage;
  blob: BlockBlobClient;
  /** A link to the file with a service SAS, which is valid for `days` days from now and has no stored access policy. */
  link(days: number, more?: Partial<BlobSASSignatureValues>): string;
  /** Deploys the account for files with the program's properties again, and clears the log. */
  redeclare(): void;
}

export async function storeFile(): Promise<StoredFile> {
  const dir = await temporaryFolder();
  const azure = await TestStorage.open(dir.path);
  azure.deploy(filesAccount, filesProperties);
  azure.deploy(flowAccount, flowProperties);
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
