import { statSync } from "node:fs";
import { basename } from "node:path";
import type { Result } from "../audit/record.ts";
import { OperatorError } from "../errors.ts";
import { type Offered, sendFile } from "../files/exchange.ts";
import { longestDays } from "../files/file-link.ts";
import type { Fleet } from "../fleet.ts";
import { misfit, terminalId } from "../ids.ts";
import { errorValue, indent, Output } from "./output.ts";
import { connectTo, type StackOptions } from "./stack.ts";
import { bytes, Transfer } from "./transfer.ts";

export interface SendOptions extends StackOptions {
  name?: string;
  days: number;
  reason?: string;
  /** Shows the URL, which holds the file's key. */
  showLink?: boolean;
  json?: boolean;
}

/**
 * `send TERMINAL FILE…`: puts files into the terminal's container and offers them to it.
 * @throws OperatorError when one of them could not be sent; the others are.
 */
export async function sendCommand(
  terminal: string,
  paths: string[],
  options: SendOptions,
  signal: AbortSignal,
): Promise<void> {
  checkTerminal(terminal);
  checkDays(options.days);
  if (options.name !== undefined && paths.length > 1) {
    throw new OperatorError("usage", "--name is for one file");
  }
  const sizes = paths.map(sizeOf);
  const output = new Output(options);
  const fleet = await connectTo(options, signal);
  let failed: OperatorError | undefined;
  for (const [index, path] of paths.entries()) {
    try {
      await sendOne(terminal, path, sizes[index] as number, { fleet, output, options, signal });
    } catch (error) {
      // Only what is about this one file lets the others go on.
      if (!(error instanceof OperatorError) || error.outcome !== "failed" || paths.length === 1) throw error;
      failed = error;
      output.result("failed", { terminal, file: path, ...errorValue(error) }, `${path}: ${error.message}`);
      if (error.remedy) output.note(indent(error.remedy));
    }
  }
  if (failed) throw new OperatorError("failed", "not all files were sent", { remedy: "Run this again." });
}

async function sendOne(
  terminal: string,
  path: string,
  size: number,
  on: { fleet: Fleet; output: Output; options: SendOptions; signal: AbortSignal },
): Promise<void> {
  const { name, days } = on.options;
  const shown = name ?? basename(path);
  const progress = (what: string) =>
    new Transfer({ what: `${what} ${shown}`, total: size, quiet: on.output.json });
  const reading = progress("reading");
  const sending = progress("sending");
  try {
    const about = {
      command: "send",
      terminals: [terminal],
      reason: on.options.reason,
      details: { file: shown, days },
    };
    const sent = await on.fleet.audit.record(
      about,
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
    for (const over of removed.filter(({ state }) => state !== "done")) {
      on.output.note(
        `Removed an offer that ${over.state === "failed" ? "failed" : "expired"}: ${over.offer.name}`,
      );
    }
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
export function offered({ id, isNew }: Offered): Result {
  return { outcome: "done", details: { offer: id, new: isNew } };
}

/** @throws OperatorError when it cannot be a terminal's id. */
export function checkTerminal(terminal: string): void {
  const wrong = misfit(terminalId, terminal);
  if (wrong) throw new OperatorError("usage", `the terminal ${wrong}`);
}

/** @throws OperatorError when a file's key cannot be valid for so long. */
export function checkDays(days: number): void {
  if (days > 0 && days <= longestDays) return;
  throw new OperatorError("usage", `--days must be above 0 and at most ${longestDays}`);
}

function sizeOf(path: string): number {
  try {
    const found = statSync(path);
    if (found.isFile()) return found.size;
  } catch (error) {
    throw new OperatorError("usage", `${path} cannot be read: ${(error as Error).message}`);
  }
  throw new OperatorError("usage", `${path} is not a file`);
}
