import { open, rm } from "node:fs/promises";
import { join } from "node:path";
import { explained } from "../azure/explain-error.ts";
import { reasonOf } from "../lib/file-errors.ts";
import { createFile, replaceFileDurably } from "../lib/fsync.ts";
import { OperatorError } from "../lib/operator-error.ts";
import { quote } from "../lib/quote.ts";
import { t } from "../words/translate.ts";
import type { OnBytes } from "./block-upload.ts";
import { deleteBlob } from "./delete-blob.ts";
import { downloadBlob } from "./download.ts";
import type { FileExchange } from "./exchange.ts";
import { blobNameOf } from "./file-link.ts";
import { hashStream } from "./hash-stream.ts";
import { runTransfer } from "./interrupted-transfer.ts";
import type { OfferStatus } from "./offers/offer-status.ts";

/**
 * Downloads a file that a terminal has delivered, verifies its size and SHA-256, and removes its offer. It writes no
 * more bytes to the disk than the terminal reported.
 * @returns The path of the file in `folder`: its own name, or with the offer's ID before it when that name is taken.
 */
export async function collectFile(
  { files, offers }: FileExchange,
  terminal: string,
  { id, offer, acknowledgement }: OfferStatus,
  folder: string,
  options: { onBytes?: OnBytes; signal?: AbortSignal },
): Promise<string> {
  if (offer.direction !== "upload" || acknowledgement?.state !== "done") {
    throw new OperatorError("failed", t`${offer.name} (${id}) is not delivered yet`);
  }
  const { size, sha256 } = acknowledgement;
  const mismatch = () =>
    new OperatorError("failed", t`${offer.name} (${id}) differs from what ${terminal} reported`, {
      remedy: t`Withdraw it: \`npx terminals files ${terminal} --withdraw ${id}\`; then request it again: \`npx terminals request ${terminal} ${quote(offer.name, "FILE")}\`.`,
    });
  const partial = join(folder, `.${id}.partial`);
  const blob = (await files.containerClient(terminal)).getBlobClient(blobNameOf(terminal, offer));
  let blobType: string | undefined;
  const downloadToPartial = async (): Promise<void> => {
    const content = downloadBlob(blob, {
      signal: options.signal,
      onAnswer: (answer) => {
        blobType = answer.blobType;
        if (answer.contentLength !== size) throw mismatch();
      },
    });
    await using file = await explainWriteError(folder, createFile(partial));
    const received = await hashStream(content, async (chunk) => {
      await explainWriteError(folder, file.writeFile(chunk));
      options.onBytes?.(chunk.length);
    });
    await explainWriteError(folder, file.sync());
    if (received.sha256 !== sha256 || received.size !== size) throw mismatch();
  };
  const doing = t`collecting ${offer.name} of ${terminal}`;
  try {
    await runTransfer(downloadToPartial(), doing, options.signal);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
  const path = await explainWriteError(folder, reserveName(folder, offer.name, id));
  await explainWriteError(folder, replaceFileDurably(partial, path));
  // The lifecycle rule deletes block blobs and append blobs only. The file link also allows page blobs.
  if (blobType === "PageBlob") await explained(deleteBlob(blob), doing);
  await offers.remove(terminal, [id]);
  return path;
}

async function explainWriteError<T>(folder: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw new OperatorError("failed", t`${folder} cannot be written: ${reasonOf(error)}`, {
      remedy: t`Free disk space or correct the folder's permissions, and run this again.`,
      cause: error,
    });
  }
}

/** Creates an empty file to reserve its name. The downloaded file replaces it. */
async function reserveName(folder: string, name: string, id: string): Promise<string> {
  for (const candidate of [name, `${id}-${name}`]) {
    const path = join(folder, candidate);
    try {
      await (await open(path, "wx", 0o600)).close();
      return path;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  }
  return join(folder, `${id}-${name}`);
}
