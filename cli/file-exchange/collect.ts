import { open, rm } from "node:fs/promises";
import { join } from "node:path";
import { explained, OperatorError } from "../lib/errors.ts";
import { reasonOf } from "../lib/file-errors.ts";
import { moveInPlace } from "../lib/fsync.ts";
import type { OnBytes } from "./block-upload.ts";
import { deleteBlob } from "./delete-blob.ts";
import { downloadBlob } from "./download.ts";
import type { FileExchange } from "./exchange.ts";
import { blobNameOf } from "./file-link.ts";
import { hashStream } from "./hash-stream.ts";
import { runTransfer } from "./interrupted-transfer.ts";
import type { OfferStatus } from "./offers/offers.ts";

/**
 * Fetches what a terminal has delivered, verifies it, and removes its offer. No more than the terminal says there is
 * is written to the disk.
 * @returns Where the file is: in `folder`, under its own name, or with its offer's id when that is taken.
 */
export async function collectFile(
  { files, offers }: FileExchange,
  terminal: string,
  { id, offer, acknowledgement }: OfferStatus,
  folder: string,
  options: { onBytes?: OnBytes; signal?: AbortSignal },
): Promise<string> {
  if (offer.direction !== "upload" || acknowledgement?.state !== "done") {
    throw new OperatorError("failed", `${offer.name} (${id}) is not delivered`);
  }
  const { size, sha256 } = acknowledgement;
  const differs = () =>
    new OperatorError("failed", `${offer.name} (${id}) is not what ${terminal} says it delivered`, {
      remedy: `Ask for it again: \`terminals request ${terminal} ${offer.name}\`; and take this one back: \`terminals files ${terminal} --withdraw ${id}\`.`,
    });
  const partial = join(folder, `.${id}.partial`);
  const blob = (await files.containerClient(terminal)).getBlobClient(blobNameOf(terminal, offer));
  let type: string | undefined;
  const fetching = async (): Promise<void> => {
    const { signal } = options;
    const content = downloadBlob(blob, {
      signal,
      onAnswer: ({ blobType, contentLength }) => {
        type = blobType;
        if (contentLength !== size) throw differs();
      },
    });
    await using target = await onDisk(folder, open(partial, "w", 0o600));
    const found = await hashStream(content, async (chunk) => {
      await onDisk(folder, target.writeFile(chunk));
      options.onBytes?.(chunk.length);
    });
    await onDisk(folder, target.sync());
    if (found.sha256 !== sha256 || found.size !== size) throw differs();
  };
  const collecting = `collecting ${offer.name} of ${terminal}`;
  try {
    await runTransfer(fetching(), collecting, options.signal);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
  const path = await onDisk(folder, freeName(folder, offer.name, id));
  await onDisk(folder, moveInPlace(partial, path));
  // The lifecycle rule deletes block blobs and append blobs; the terminal's key lets it make others.
  if (type === "PageBlob") await explained(deleteBlob(blob), collecting);
  await offers.remove(terminal, [id]);
  return path;
}

async function onDisk<T>(folder: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw new OperatorError("failed", `${folder} cannot be written: ${reasonOf(error)}`, {
      remedy: "Make room on the disk, or see to the folder's rights, and run this again.",
      cause: error,
    });
  }
}

async function freeName(folder: string, name: string, id: string): Promise<string> {
  for (const candidate of [name, `${id}-${name}`]) {
    const path = join(folder, candidate);
    try {
      // Making it empty reserves the name; renaming replaces it.
      await (await open(path, "wx", 0o600)).close();
      return path;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  }
  return join(folder, `${id}-${name}`);
}
