import { explained } from "../../azure/explain-error.ts";
import { OperatorError } from "../../lib/operator-error.ts";
import { t } from "../../words/translate.ts";
import { deleteBlob } from "../delete-blob.ts";
import {
  type ExchangeOptions,
  existingOffer,
  type FileExchange,
  findWaiting,
  type OfferResult,
  requirePolicyId,
} from "../exchange.ts";
import { blobNameOf } from "../file-link.ts";
import { runTransfer } from "../interrupted-transfer.ts";
import type { Offer } from "../offers/offer.ts";
import { isSameFile, type OfferStatus, type WantedOffer } from "../offers/offer-status.ts";
import type { RunJournal } from "./run-journal.ts";
import type { SharedFile } from "./shared-file.ts";

/** Options of a run, besides those of a single file. */
export interface OnceOptions extends ExchangeOptions {
  days: number;
  signal: AbortSignal;
  /** Offers a file again that a terminal has handled. */
  again?: boolean;
}

/** The result for one terminal and file. */
export interface OnceResult extends OfferResult {
  /** The offer's state before the run; undefined for a new offer. */
  state?: OfferStatus["state"];
}

/**
 * Sends a shared file to one of many terminals, once: an offer of this run, a waiting offer of the same content, and a
 * content that the terminal has downloaded last, are not repeated.
 */
export async function sendOnce(
  exchange: FileExchange,
  terminal: string,
  file: SharedFile,
  journal: Pick<RunJournal, "offerId">,
  options: OnceOptions,
): Promise<OnceResult> {
  const { files, offers } = exchange;
  const { name, digest } = file;
  const { size, sha256 } = digest;
  const id = journal.offerId(terminal, name);
  const policy = await requirePolicyId(exchange, terminal);
  const before = await findBefore(exchange, terminal, id, { direction: "download", name, sha256 }, options);
  if (before.same) return existing(before.same);
  const doing = t`sending ${name} to ${terminal}`;
  const { signal, days } = options;
  const placed = await runTransfer(file.place(files, terminal, signal), doing, signal);
  const link = await files.createLink(terminal, { name: placed.blob, direction: "download", days, policy });
  const validUntil = link.expiresOn.toISOString();
  const offer: Offer = { direction: "download", name, url: link.url, size, sha256, validUntil };
  const removeBlob = async () => {
    if (placed.isUploaded) return;
    const container = await files.containerClient(terminal);
    await explained(deleteBlob(container.getBlobClient(placed.blob)), doing);
  };
  try {
    const added = await offers.add(terminal, { id, offer, replaces: before.invalid });
    if (!added.same) return { id, offer, isNew: true, removed: added.removed };
    // Another run offered the same content first, so no offer refers to this blob.
    if (placed.blob !== blobNameOf(terminal, added.same.offer)) await removeBlob();
    return existing(added.same);
  } catch (error) {
    // The device twin is full or gone. After any other error, the offer may exist.
    if (error instanceof OperatorError && error.outcome === "failed") await removeBlob().catch(() => {});
    throw error;
  }
}

/**
 * Requests a file from one of many terminals, once: an offer of this run, a waiting request of the same file, and a
 * delivered one that was not collected yet, are not repeated.
 */
export async function requestOnce(
  exchange: FileExchange,
  terminal: string,
  name: string,
  journal: Pick<RunJournal, "offerId">,
  options: OnceOptions,
): Promise<OnceResult> {
  const { files, offers } = exchange;
  const id = journal.offerId(terminal, name);
  const policy = await requirePolicyId(exchange, terminal);
  const before = await findBefore(exchange, terminal, id, { direction: "upload", name }, options);
  if (before.same) return existing(before.same);
  const { url, expiresOn } = await files.createLink(terminal, {
    name: `from-terminal/${id}/${name}`,
    direction: "upload",
    days: options.days,
    policy,
  });
  const offer: Offer = { direction: "upload", name, url, validUntil: expiresOn.toISOString() };
  const added = await offers.add(terminal, { id, offer, replaces: before.invalid });
  return added.same ? existing(added.same) : { id, offer, isNew: true, removed: added.removed };
}

/** Finds an offer that makes a new one needless, and waiting offers of the same file whose link is invalid. */
async function findBefore(
  exchange: FileExchange,
  terminal: string,
  id: string,
  wanted: WantedOffer,
  { again }: OnceOptions,
): Promise<{ same?: OfferStatus; invalid: string[] }> {
  const all = await exchange.offers.list(terminal);
  const own = all.find((one) => one.id === id);
  if (own) return { same: own, invalid: [] };
  const handled = all.findLast((one) => isSameFile(one.offer, wanted) && one.state === "done");
  if (handled && !again) return { same: handled, invalid: [] };
  return findWaiting(exchange, all, wanted);
}

function existing(status: OfferStatus): OnceResult {
  return { ...existingOffer(status), state: status.state };
}
