import { statSync } from "node:fs";
import { basename } from "node:path";
import { checkedFileName, checkedReason, checkedTerminal } from "../../arguments/identifiers.ts";
import { connectTo, type StackOptions } from "../../arguments/stack.ts";
import type { ChangeResult } from "../../audit-log/record.ts";
import type { Fleet } from "../../azure/fleet.ts";
import { type OfferResult, sendFile } from "../../file-exchange/exchange.ts";
import type { OfferStatus } from "../../file-exchange/offers/offer-status.ts";
import { fileError } from "../../lib/file-errors.ts";
import { OperatorError } from "../../lib/operator-error.ts";
import { ownershipOf, recordedCustomers } from "../../lifecycle/ownership.ts";
import { errorValue, indent, Output } from "../../terminal-ui/output.ts";
import { bytes, TransferProgress } from "../../terminal-ui/transfer-progress.ts";

export interface SendOptions extends StackOptions {
  name?: string;
  days: number;
  reason?: string;
  /** Shows the URL, which holds the file's key. */
  showLink?: boolean;
  json?: boolean;
}

/** One file to be sent. */
interface Outgoing {
  path: string;
  /** For the terminal. */
  name: string;
  size: number;
}

/**
 * `send TERMINAL FILE…`: puts files into the terminal's container and offers them to it.
 * @throws OperatorError when one of them could not be sent; the others are.
 */
export async function sendCommand(
  given: string,
  paths: string[],
  options: SendOptions,
  signal: AbortSignal,
): Promise<void> {
  const terminal = checkedTerminal(given);
  const reason = checkedReason(options.reason);
  if (options.name !== undefined && paths.length > 1) {
    throw new OperatorError("usage", "--name is for one file");
  }
  const files = paths.map(
    (path): Outgoing => ({
      path,
      name: checkedFileName(options.name ?? basename(path)),
      size: sizeOf(path),
    }),
  );
  const output = new Output(options);
  const fleet = await connectTo(options, signal);
  const about = {
    command: "send",
    ...recordedCustomers((await ownershipOf(terminal, fleet)).customers),
    terminals: [terminal],
    reason,
  };
  let failed: OperatorError | undefined;
  for (const file of files) {
    try {
      await sendOne(terminal, file, about, { fleet, output, options, signal });
    } catch (error) {
      // Only what is about this one file lets the others go on.
      if (!(error instanceof OperatorError) || error.outcome !== "failed" || files.length === 1) throw error;
      failed = error;
      const { path } = file;
      output.result("failed", { terminal, file: path, ...errorValue(error) }, `${path}: ${error.message}`);
      if (error.remedy) output.note(indent(error.remedy));
    }
  }
  if (failed) throw new OperatorError("failed", "not all files were sent", { remedy: "Run this again." });
}

async function sendOne(
  terminal: string,
  { path, name, size }: Outgoing,
  about: Parameters<Fleet["audit"]["record"]>[0],
  on: { fleet: Fleet; output: Output; options: SendOptions; signal: AbortSignal },
): Promise<void> {
  const { days } = on.options;
  const progress = (what: string) =>
    new TransferProgress({ what: `${what} ${name}`, total: size, quiet: on.output.json });
  const reading = progress("reading");
  const sending = progress("sending");
  try {
    const sent = await on.fleet.audit.record(
      { ...about, details: { file: name, days } },
      () =>
        sendFile(on.fleet, terminal, path, {
          name,
          days,
          signal: on.signal,
          onDigest: (count) => {
            reading.add(count);
          },
          onUpload: (count) => {
            reading.stop();
            sending.add(count);
          },
        }),
      offered,
    );
    const { id, offer, isNew, removed } = sent;
    tellRemoved(terminal, removed, on.output);
    const { validUntil } = offer;
    const link = on.options.showLink ? { url: offer.url } : {};
    const value = { terminal, id, name: offer.name, size, validUntil, new: isNew, ...link };
    const how = isNew ? "is offered to" : "was offered already and waits for";
    on.output.result(
      "file",
      value,
      `${offer.name} (${bytes(size)}) ${how} ${terminal} until ${validUntil}  ${id}`,
    );
    if (on.options.showLink) on.output.note(offer.url);
  } finally {
    reading.stop();
    sending.stop();
  }
}

/** How an offer is told in the audit log. */
export function offered({ id, isNew }: OfferResult): ChangeResult {
  return { outcome: "done", details: { offer: id, new: isNew } };
}

/** Offers that made room without having reached anybody: nobody else is going to hear of them. */
export function tellRemoved(terminal: string, removed: OfferStatus[], output: Output): void {
  for (const { id, offer, state } of removed) {
    if (state === "done") continue;
    const { name, direction } = offer;
    const why = state === "failed" ? "failed" : "expired";
    output.result(
      "removed",
      { terminal, id, name, direction, state },
      `Removed an offer that ${why}: ${name}  ${id}`,
    );
  }
}

function sizeOf(path: string): number {
  try {
    const found = statSync(path);
    if (found.isFile()) return found.size;
  } catch (error) {
    throw fileError(path, "read", error);
  }
  throw new OperatorError("usage", `${path} is not a file`);
}
