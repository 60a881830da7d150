import type { ChangeDescription } from "../../audit-log/record.ts";
import type { Fleet } from "../../azure/fleet.ts";
import { collectFile } from "../../file-exchange/collect.ts";
import { withdrawOffer } from "../../file-exchange/exchange.ts";
import type { OfferStatus } from "../../file-exchange/offers/offer-status.ts";
import { fileError } from "../../lib/file-errors.ts";
import { createFolders } from "../../lib/fsync.ts";
import { OperatorError } from "../../lib/operator-error.ts";
import { ownershipOf, recordedCustomers } from "../../lifecycle/ownership.ts";
import { formatBytes } from "../../terminal-ui/format.ts";
import { TransferProgress } from "../../terminal-ui/transfer-progress.ts";
import { t } from "../../words/translate.ts";
import type { CommandContext } from "../command.ts";

/** What the handlers of one and of several terminals share. */
export interface Run extends CommandContext {
  terminal: string;
  offers: OfferStatus[];
  fleet: Fleet;
  reason: string | undefined;
}

/** Withdraws offers of a terminal, one after another. */
export async function withdrawAll(
  selected: OfferStatus[],
  customers: string[],
  { terminal, fleet, reason, output, signal }: Run,
): Promise<void> {
  for (const offer of selected) {
    if (signal.aborted) throw new OperatorError("interrupted", t`interrupted`);
    const about = describeChange("withdraw", offer, terminal, customers, reason);
    await fleet.audit.record(about, () => withdrawOffer(fleet, terminal, offer));
    const { name } = offer.offer;
    output.result("withdrawn", { terminal, id: offer.id, name }, t`${name} is withdrawn  ${offer.id}`);
  }
}

/** Downloads the files that a terminal has uploaded, and removes their offers. */
export async function collectFiles(folder: string, run: Run): Promise<void> {
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
