import { checkReason, checkTerminalId } from "../../arguments/identifiers.ts";
import { connectToFleet } from "../../arguments/stack-connection.ts";
import type { ChangeDescription } from "../../audit-log/record.ts";
import type { Fleet } from "../../azure/fleet.ts";
import { collectFile } from "../../file-exchange/collect.ts";
import { withdrawOffer } from "../../file-exchange/exchange.ts";
import { isSignedByFormerKey } from "../../file-exchange/link-signature.ts";
import type { OfferStatus } from "../../file-exchange/offers/offer-status.ts";
import { fileError } from "../../lib/file-errors.ts";
import { createFolders } from "../../lib/fsync.ts";
import { OperatorError } from "../../lib/operator-error.ts";
import { describeTerminal, ownershipOf, recordedCustomers } from "../../lifecycle/ownership.ts";
import { formatBytes } from "../../terminal-ui/format.ts";
import { TransferProgress } from "../../terminal-ui/transfer-progress.ts";
import { plural, t } from "../../words/translate.ts";
import type { CommandContext } from "../command.ts";
import type { FilesOptions } from "./definition.ts";
import { formatOffer, offerValue } from "./report.ts";

interface Run extends CommandContext {
  terminal: string;
  offers: OfferStatus[];
  fleet: Fleet;
  reason: string | undefined;
}

/**
 * `files TERMINAL`: lists the offers in both directions; with `--collect FOLDER` downloads what the terminal uploaded,
 * with `--withdraw ID` withdraws offers.
 */
export async function run(typedId: string, options: FilesOptions, context: CommandContext): Promise<void> {
  const terminal = checkTerminalId(typedId);
  const reason = checkReason(options.reason);
  const fleet = await connectToFleet(options, context);
  const offers = await fleet.offers.list(terminal);
  const work = { ...context, terminal, offers, fleet, reason };
  if (options.withdraw) return withdrawOffers(options.withdraw, options, work);
  if (options.collect !== undefined) return collectFiles(options.collect, work);
  const signer = await fleet.files.readSigner();
  for (const offer of offers) {
    const hasDeadLink = offer.state === "waiting" && isSignedByFormerKey(offer.offer.url, signer);
    const value = offerValue(terminal, offer, hasDeadLink);
    context.output.result("file", value, formatOffer(offer, hasDeadLink));
  }
  if (offers.length === 0) context.output.note(t`${terminal} has no offers.`);
}

async function withdrawOffers(ids: string[], { yes }: Pick<FilesOptions, "yes">, run: Run): Promise<void> {
  const { terminal, offers, fleet, reason, output, prompt, signal } = run;
  const selected = [...new Set(ids)].map((id) => {
    const offer = offers.find((one) => one.id === id);
    if (!offer) {
      throw new OperatorError("usage", t`${terminal} has no offer ${id}; nothing was withdrawn`, {
        remedy: t`\`terminals files ${terminal}\` lists its offers.`,
      });
    }
    return offer;
  });
  const ownership = await ownershipOf(terminal, fleet);
  if (!yes) {
    const names = selected.map(({ offer }) => offer.name).join(", ");
    const owner = describeTerminal(terminal, ownership);
    await prompt.confirm(
      plural(selected.length, {
        one: t`Withdraw ${names}, offered to ${owner}? Its file is deleted.`,
        other: t`Withdraw ${names}, offered to ${owner}? Their files are deleted.`,
      }),
    );
  }
  for (const offer of selected) {
    if (signal.aborted) throw new OperatorError("interrupted", t`interrupted`);
    const about = describeChange("withdraw", offer, terminal, ownership.customers, reason);
    await fleet.audit.record(about, () => withdrawOffer(fleet, terminal, offer));
    const { name } = offer.offer;
    output.result("withdrawn", { terminal, id: offer.id, name }, t`${name} is withdrawn  ${offer.id}`);
  }
}

async function collectFiles(folder: string, run: Run): Promise<void> {
  const { terminal, offers, fleet, reason, output, signal } = run;
  await createFolders(folder).catch((error) => {
    throw fileError(folder, "made", error);
  });
  const uploaded = offers.filter(({ state, offer }) => state === "done" && offer.direction === "upload");
  if (uploaded.length === 0) {
    output.note(t`No file to collect: ${terminal} has uploaded none since the last one was collected.`);
    return;
  }
  const { customers } = await ownershipOf(terminal, fleet);
  for (const offer of uploaded) {
    const { name } = offer.offer;
    const size = offer.acknowledgement?.state === "done" ? offer.acknowledgement.size : 0;
    const progress = new TransferProgress({
      title: t`collecting ${name}`,
      total: size,
      quiet: output.json,
      stream: output.stderr,
    });
    const about = describeChange("collect", offer, terminal, customers, reason);
    const collect = () => collectFile(fleet, terminal, offer, folder, { onBytes: progress.add, signal });
    const path = await fleet.audit.record(about, collect).finally(() => progress.stop());
    output.result(
      "collected",
      { terminal, id: offer.id, name, size, path },
      `${path} (${formatBytes(size)})`,
    );
  }
}

/** What the audit log records of a change of one offer. */
function describeChange(
  command: string,
  { id, offer }: OfferStatus,
  terminal: string,
  customers: string[],
  reason: string | undefined,
): ChangeDescription {
  const details = { file: offer.name, offer: id };
  return { command, ...recordedCustomers(customers), terminals: [terminal], reason, details };
}
