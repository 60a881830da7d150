import type { Fleet } from "../../azure/fleet.ts";
import { withdrawOffer } from "../../file-exchange/exchange.ts";
import { OperatorError } from "../../lib/operator-error.ts";
import { describeTerminal, ownershipOf, recordedCustomers } from "../../lifecycle/ownership.ts";
import { Output } from "../../terminal-ui/output.ts";
import { confirm } from "../../terminal-ui/prompt.ts";

/** `revoke TERMINAL --file OFFER`: deletes one offered file and takes its offer back. */
export async function revokeFile(
  terminal: string,
  id: string,
  options: { reason: string; yes?: boolean; json?: boolean },
  fleet: Fleet,
): Promise<void> {
  const offers = await fleet.offers.list(terminal);
  const found = offers.find((one) => one.id === id);
  if (!found) {
    const there = offers.map((one) => `  ${one.id}  ${one.offer.name}`);
    throw new OperatorError("failed", [`${terminal} has no offer ${id}`, ...there].join("\n"), {
      remedy: `\`terminals files ${terminal}\` shows its offers.`,
    });
  }
  const { name, direction, validUntil } = found.offer;
  const belonging = await ownershipOf(terminal, fleet);
  if (!options.yes) {
    await confirm(
      `Revoke ${name}, offered to ${describeTerminal(terminal, belonging)}? Its file is deleted.`,
    );
  }
  const about = {
    command: "revoke",
    ...recordedCustomers(belonging.customers),
    terminals: [terminal],
    reason: options.reason,
    details: { file: name, offer: id },
  };
  await fleet.audit.record(about, () => withdrawOffer(fleet, terminal, found), undefined, {
    ifUnwritable: "continue",
  });
  const output = new Output(options);
  output.result(
    "file",
    { terminal, offer: id, name, direction, revoked: true },
    `${name} (${id}): its file is deleted and its offer taken back`,
  );
  if (direction === "upload") {
    output.note(
      `Its key can still write that one file until ${validUntil}. To end that, revoke the terminal, or rotate the signing key with --emergency.`,
    );
  }
}
