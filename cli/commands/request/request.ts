import { checkFileName, checkReason, checkTerminalId } from "../../arguments/identifiers.ts";
import { connectToFleet } from "../../arguments/stack-connection.ts";
import { requestFile } from "../../file-exchange/exchange.ts";
import { ownershipOf, recordedCustomers } from "../../lifecycle/ownership.ts";
import { formatTime } from "../../terminal-ui/format.ts";
import { t } from "../../words/translate.ts";
import type { CommandContext } from "../command.ts";
import { offerResult, reportRemovedOffers } from "../send/report.ts";
import type { RequestOptions } from "./definition.ts";

/** `request TERMINAL NAME`: requests one of its files from the terminal. */
export async function run(
  typedId: string,
  typedName: string,
  options: RequestOptions,
  context: CommandContext,
): Promise<void> {
  const { output, signal } = context;
  const { days } = options;
  const terminal = checkTerminalId(typedId);
  const file = checkFileName(typedName);
  const reason = checkReason(options.reason);
  const fleet = await connectToFleet(options, context);
  const about = {
    command: "request",
    ...recordedCustomers((await ownershipOf(terminal, fleet)).customers),
    terminals: [terminal],
    reason,
    details: { file, days },
  };
  const { id, offer, isNew, removed } = await fleet.audit.record(
    about,
    () => requestFile(fleet, terminal, file, { days, signal }),
    offerResult,
  );
  reportRemovedOffers(terminal, removed, output);
  const { name, validUntil } = offer;
  const until = formatTime(validUntil);
  output.result(
    "file",
    { terminal, id, name, validUntil, new: isNew },
    isNew
      ? t`${name} requested from ${terminal}, until ${until}  ${id}`
      : t`${name} was requested before, from ${terminal}, until ${until}  ${id}`,
  );
  output.note(
    t`Once the terminal has uploaded it, \`terminals files ${terminal} --collect FOLDER\` downloads it.`,
  );
}
