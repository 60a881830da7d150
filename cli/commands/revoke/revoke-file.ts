import type { Fleet } from "../../azure/fleet.ts";
import { withdrawOffer } from "../../file-exchange/exchange.ts";
import { OperatorError } from "../../lib/operator-error.ts";
import { describeTerminal, ownershipOf, recordedCustomers } from "../../lifecycle/ownership.ts";
import { formatTime } from "../../terminal-ui/format.ts";
import { t } from "../../words/translate.ts";
import type { CommandContext } from "../command.ts";
import type { RevokeOptions } from "./definition.ts";

/** `revoke TERMINAL --file OFFER`: withdraws one offer and deletes its file. */
export async function revokeFile(
  terminal: string,
  id: string,
  { reason, yes }: Pick<RevokeOptions, "reason" | "yes">,
  { fleet, output, prompt }: CommandContext & { fleet: Fleet },
): Promise<void> {
  const offers = await fleet.offers.list(terminal).catch((error: unknown) => {
    if (!(error instanceof OperatorError)) throw error;
    const { outcome, lines, code, remedyLines, cause } = error;
    const all = t`The file link stays valid. To invalidate all links of ${terminal} now, revoke the whole terminal: that does not need its twin.`;
    throw new OperatorError(outcome, lines, { code, remedy: [...remedyLines, all], cause });
  });
  const offer = offers.find((one) => one.id === id);
  if (!offer) {
    const existing = offers.map((one) => `  ${one.id}  ${one.offer.name}`);
    throw new OperatorError("failed", [t`${terminal} has no offer ${id}`, ...existing], {
      remedy: t`\`npx terminals files ${terminal}\` lists its offers.`,
    });
  }
  const { name, direction, validUntil } = offer.offer;
  const ownership = await ownershipOf(terminal, fleet);
  if (!yes) {
    const what = describeTerminal(terminal, ownership);
    await prompt.confirm(t`Revoke ${name}, offered to ${what}? Its file is deleted.`);
  }
  const about = {
    command: "revoke",
    ...recordedCustomers(ownership.customers),
    terminals: [terminal],
    reason,
    details: { file: name, offer: id },
  };
  await fleet.audit.record(about, () => withdrawOffer(fleet, terminal, offer), undefined, {
    ifUnwritable: "continue",
  });
  output.result(
    "file",
    { terminal, offer: id, name, direction, revoked: true },
    t`${name} (${id}): its offer is withdrawn and its file deleted`,
  );
  if (direction === "upload") {
    output.note(
      t`Its file link can still upload this one file until ${formatTime(validUntil)}. To invalidate the link, revoke the terminal, or run \`npx terminals rotate-signing-key --emergency\`.`,
    );
  }
}
