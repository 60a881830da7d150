import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { BlockBlobClient } from "@azure/storage-blob";
import {
  blobPipeline,
  doctorReportName,
  type NetworkSettings,
  type StreamDigest,
  type UploadOffer,
} from "@terminal-fleet/cli/terminal-support";
import { writeFileDurably } from "./durable-file.ts";
import { TransferError } from "./transfer-failure.ts";

const blockBytes = 4 * 1024 * 1024;

/**
 * Uploads a file from the terminal's folder `outgoing`, in constant memory. A file that grows during the upload, such as a
 * log, is uploaded up to its size at the start.
 * @returns Size and hash of the uploaded content.
 * @throws TransferError "unknownName" when there is no such file. Operators cannot read files from other folders.
 */
export async function deliverFile(
  folder: string,
  offer: UploadOffer,
  network: NetworkSettings,
  signal: AbortSignal,
): Promise<StreamDigest> {
  await using file = await openOutgoing(join(folder, "outgoing", offer.name));
  const { size } = await file.stat();
  const hash = createHash("sha256");
  await new BlockBlobClient(offer.url, blobPipeline(network)).uploadStream(
    Readable.from(
      readChunks(file, size, (chunk) => hash.update(chunk)),
      { objectMode: false },
    ),
    blockBytes,
    1,
    { abortSignal: signal },
  );
  return { size, sha256: hash.digest("base64") };
}

/** Writes the doctor's report into the terminal's folder `outgoing`, in place of the one before. */
export async function writeReport(folder: string, report: object): Promise<void> {
  await writeFileDurably(join(folder, "outgoing", doctorReportName), `${JSON.stringify(report, null, 2)}\n`);
}

async function openOutgoing(path: string): Promise<FileHandle> {
  try {
    const file = await open(path, "r");
    if ((await file.stat()).isFile()) return file;
    await file.close();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  throw new TransferError("unknownName");
}

async function* readChunks(
  file: FileHandle,
  size: number,
  onChunk: (chunk: Buffer) => void,
): AsyncGenerator<Buffer> {
  if (size === 0) return;
  for await (const chunk of file.createReadStream({ start: 0, end: size - 1, autoClose: false })) {
    onChunk(chunk as Buffer);
    yield chunk as Buffer;
  }
}
