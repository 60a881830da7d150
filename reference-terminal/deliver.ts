import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { BlockBlobClient } from "@azure/storage-blob";
import type { Content, NetworkSettings, UploadOffer } from "@terminal-fleet/cli/terminal-support";
import { blobPipeline } from "@terminal-fleet/cli/terminal-support";
import { Unfit } from "./transfer-failure.ts";

const blockBytes = 4 * 1024 * 1024;

/**
 * Delivers a file of the terminal's folder `outgoing`, in constant memory. A file that grows meanwhile, such as a log,
 * is delivered as it was at the beginning.
 * @returns What was delivered.
 * @throws Unfit "unknownName" when there is no such file: an operator gets nothing from any other folder.
 */
export async function deliver(
  folder: string,
  offer: UploadOffer,
  network: NetworkSettings,
  signal: AbortSignal,
): Promise<Content> {
  await using file = await openOutgoing(join(folder, "outgoing", offer.name));
  const { size } = await file.stat();
  const hash = createHash("sha256");
  await new BlockBlobClient(offer.url, blobPipeline(network)).uploadStream(
    Readable.from(
      contentOf(file, size, (chunk) => hash.update(chunk)),
      { objectMode: false },
    ),
    blockBytes,
    1,
    { abortSignal: signal },
  );
  return { size, sha256: hash.digest("base64") };
}

async function openOutgoing(path: string): Promise<FileHandle> {
  try {
    const file = await open(path, "r");
    if ((await file.stat()).isFile()) return file;
    await file.close();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  throw new Unfit("unknownName");
}

async function* contentOf(
  file: FileHandle,
  size: number,
  see: (chunk: Buffer) => void,
): AsyncGenerator<Buffer> {
  if (size === 0) return;
  for await (const chunk of file.createReadStream({ start: 0, end: size - 1, autoClose: false })) {
    see(chunk as Buffer);
    yield chunk as Buffer;
  }
}
