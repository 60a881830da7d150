import { checkedReason, checkedTerminal } from "../../arguments/identifiers.ts";
import { connectTo, type StackOptions } from "../../arguments/stack.ts";
import type { ChangeDescription } from "../../audit-log/record.ts";
import type { Fleet } from "../../azure/fleet.ts";
import { collectFile } from "../../file-exchange/collect.ts";
import { withdrawOffer } from "../../file-exchange/exchange.ts";
import { failureReasons } from "../../file-exchange/offers/offer.ts";
import type { OfferStatus } from "../../file-exchange/offers/offer-status.ts";
import { fileError } from "../../lib/file-errors.ts";
import { createFolders } from "../../lib/fsync.ts";
import { OperatorError } from "../../lib/operator-error.ts";
import { describeTerminal, ownershipOf, recordedCustomers } from "../../lifecycle/ownership.ts";
import { Output } from "../../terminal-ui/output.ts";
import { confirm } from "../../terminal-ui/prompt.ts";
import { bytes, TransferProgress } from "../../terminal-ui/transfer-progress.ts";

export interface FilesOptions extends StackOptions {
  collect?: string;
  withdraw?: string[];
  reason?: string;
  yes?: boolean;
  json?: boolean;
}

/**
 * `files TERMINAL`: what is under way in both directions, and until when; with `--collect FOLDER` it fetches what was
 * delivered, with `--withdraw ID` it takes offers back.
 */
export async function filesCommand(given: string, options: FilesOptions, signal: AbortSignal): Promise<void> {
  const terminal = checkedTerminal(given);
  const reason = checkedReason(options.reason);
  const output = new Output(options);
  const fleet = await connectTo(options, signal);
  const offers = await fleet.offers.list(terminal);
  const work = { terminal, offers, fleet, output, options: { ...options, reason }, signal };
  if (options.withdraw) {
    await withdrawAll(options.withdraw, work);
    return;
  }
  if (options.collect !== undefined) {
    await collectAll(options.collect, work);
    return;
  }
  for (const one of offers) output.result("file", jsonOf(terminal, one), lineOf(one));
  if (offers.length === 0) output.note(`Nothing is under way with ${terminal}.`);
}

interface Work {
  terminal: string;
  offers: OfferStatus[];
  fleet: Fleet;
  output: Output;
  options: FilesOptions;
  signal: AbortSignal;
}

async function withdrawAll(
  ids: string[],
  { terminal, offers, fleet, output, options, signal }: Work,
): Promise<void> {
  const wanted = [...new Set(ids)].map((id) => {
    const one = offers.find((offer) => offer.id === id);
    if (!one) throw new OperatorError("usage", `${terminal} has no offer ${id}; nothing was withdrawn`);
    return one;
  });
  const belonging = await ownershipOf(terminal, fleet);
  if (!options.yes) {
    const names = wanted.map(({ offer }) => offer.name).join(", ");
    const whole = wanted.length === 1 ? "Its file is deleted" : "Their files are deleted";
    await confirm(`Withdraw ${names}, offered to ${describeTerminal(terminal, belonging)}? ${whole}.`);
  }
  for (const one of wanted) {
    if (signal.aborted) throw new OperatorError("interrupted", "interrupted");
    const about = aboutOf("withdraw", one, terminal, belonging.customers, options.reason);
    await fleet.audit.record(about, () => withdrawOffer(fleet, terminal, one));
    const { name } = one.offer;
    output.result("withdrawn", { terminal, id: one.id, name }, `${name} is withdrawn  ${one.id}`);
  }
}

async function collectAll(
  folder: string,
  { terminal, offers, fleet, output, options, signal }: Work,
): Promise<void> {
  await createFolders(folder).catch((error) => {
    throw fileError(folder, "made", error);
  });
  const delivered = offers.filter(({ state, offer }) => state === "done" && offer.direction === "upload");
  if (delivered.length === 0) {
    output.note(`${terminal} has delivered nothing that is not collected.`);
    return;
  }
  const { customers } = await ownershipOf(terminal, fleet);
  for (const one of delivered) {
    const { name } = one.offer;
    const size = one.acknowledgement?.state === "done" ? one.acknowledgement.size : 0;
    const progress = new TransferProgress({ what: `collecting ${name}`, total: size, quiet: output.json });
    const about = aboutOf("collect", one, terminal, customers, options.reason);
    const collect = () => collectFile(fleet, terminal, one, folder, { onBytes: progress.add, signal });
    const path = await fleet.audit.record(about, collect).finally(() => progress.stop());
    output.result("collected", { terminal, id: one.id, name, size, path }, `${path} (${bytes(size)})`);
  }
}

/** A change of one offer, as the audit log has it. */
function aboutOf(
  command: string,
  { id, offer }: OfferStatus,
  terminal: string,
  customers: string[],
  reason: string | undefined,
): ChangeDescription {
  const details = { file: offer.name, offer: id };
  return { command, ...recordedCustomers(customers), terminals: [terminal], reason, details };
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
    detail = `${acknowledgement.at}: ${failureReasons[acknowledgement.reason]}`;
  else if (acknowledgement) detail = `at ${acknowledgement.at}`;
  return `${id}  ${way}  ${state.padEnd(7)}  ${offer.name}${size}  ${detail}`;
}
