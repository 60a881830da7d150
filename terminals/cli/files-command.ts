import { mkdir } from "node:fs/promises";
import { OperatorError } from "../errors.ts";
import { collectFile } from "../files/collect.ts";
import { withdraw } from "../files/exchange.ts";
import { failures } from "../offers/offer.ts";
import type { OfferStatus } from "../offers/offers.ts";
import { Output } from "./output.ts";
import { checkTerminal } from "./send-command.ts";
import { connectTo, type StackOptions } from "./stack.ts";
import { bytes, Transfer } from "./transfer.ts";

export interface FilesOptions extends StackOptions {
  collect?: string;
  withdraw?: string[];
  reason?: string;
  json?: boolean;
}

/**
 * `files TERMINAL`: what is under way in both directions, and until when; with `--collect FOLDER` it fetches what was
 * delivered, with `--withdraw ID` it takes offers back.
 */
export async function filesCommand(
  terminal: string,
  options: FilesOptions,
  signal: AbortSignal,
): Promise<void> {
  checkTerminal(terminal);
  const output = new Output(options);
  const fleet = await connectTo(options, signal);
  const offers = await fleet.offers.list(terminal);
  const about = (command: string, { id, offer }: OfferStatus) => ({
    command,
    terminals: [terminal],
    reason: options.reason,
    details: { file: offer.name, offer: id },
  });
  if (options.withdraw) {
    for (const id of options.withdraw) {
      const one = offers.find((offer) => offer.id === id);
      if (!one) throw new OperatorError("usage", `${terminal} has no offer ${id}`);
      await fleet.audit.record(about("withdraw", one), () => withdraw(fleet, terminal, one));
      output.result(
        "withdrawn",
        { terminal, id, name: one.offer.name },
        `${one.offer.name} is withdrawn  ${id}`,
      );
    }
    return;
  }
  if (options.collect !== undefined) {
    await mkdir(options.collect, { recursive: true, mode: 0o700 });
    const delivered = offers.filter(({ state, offer }) => state === "done" && offer.direction === "upload");
    for (const one of delivered) {
      const { name } = one.offer;
      const size = one.acknowledgement?.state === "done" ? one.acknowledgement.size : 0;
      const progress = new Transfer({ what: `collecting ${name}`, total: size, quiet: output.json });
      const collect = () =>
        collectFile(fleet, terminal, one, options.collect as string, { onBytes: progress.add, signal });
      const path = await fleet.audit.record(about("collect", one), collect).finally(() => progress.stop());
      output.result("collected", { terminal, id: one.id, name, size, path }, `${path} (${bytes(size)})`);
    }
    if (delivered.length === 0) output.note(`${terminal} has delivered nothing that is not collected.`);
    return;
  }
  for (const one of offers) output.result("file", jsonOf(terminal, one), lineOf(one));
  if (offers.length === 0) output.note(`Nothing is under way with ${terminal}.`);
}

function jsonOf(terminal: string, { id, offer, state, acknowledgement }: OfferStatus): object {
  const { direction, name, validUntil } = offer;
  const size = offer.direction === "download" ? { size: offer.size } : {};
  return { terminal, id, direction, name, ...size, validUntil, ...(acknowledgement ?? { state }) };
}

function lineOf({ id, offer, state, acknowledgement }: OfferStatus): string {
  const way = offer.direction === "download" ? "to terminal  " : "from terminal";
  const size = offer.direction === "download" ? ` (${bytes(offer.size)})` : "";
  let detail = `until ${offer.validUntil}`;
  if (acknowledgement?.state === "failed")
    detail = `${acknowledgement.at}: ${failures[acknowledgement.reason]}`;
  else if (acknowledgement) detail = `at ${acknowledgement.at}`;
  return `${id}  ${way}  ${state.padEnd(7)}  ${offer.name}${size}  ${detail}`;
}
