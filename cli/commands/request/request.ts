import { checkedFileName, checkedReason, checkedTerminal } from "../../arguments/identifiers.ts";
import { connectTo, type StackOptions } from "../../arguments/stack.ts";
import { requestFile } from "../../file-exchange/exchange.ts";
import { ownershipOf, recordedCustomers } from "../../lifecycle/ownership.ts";
import { Output } from "../../terminal-ui/output.ts";
import { offered, tellRemoved } from "../send/send.ts";

export interface RequestOptions extends StackOptions {
  days: number;
  reason?: string;
  json?: boolean;
}

/** `request TERMINAL NAME`: asks the terminal to deliver one of its files. */
export async function requestCommand(
  given: string,
  typed: string,
  options: RequestOptions,
  signal: AbortSignal,
): Promise<void> {
  const terminal = checkedTerminal(given);
  const wanted = checkedFileName(typed);
  const reason = checkedReason(options.reason);
  const output = new Output(options);
  const fleet = await connectTo(options, signal);
  const { days } = options;
  const about = {
    command: "request",
    ...recordedCustomers((await ownershipOf(terminal, fleet)).customers),
    terminals: [terminal],
    reason,
    details: { file: wanted, days },
  };
  const { id, offer, isNew, removed } = await fleet.audit.record(
    about,
    () => requestFile(fleet, terminal, wanted, { days, signal }),
    offered,
  );
  tellRemoved(terminal, removed, output);
  const { name, validUntil } = offer;
  const how = isNew ? "is asked of" : "was asked for already, of";
  output.result(
    "file",
    { terminal, id, name, validUntil, new: isNew },
    `${name} ${how} ${terminal}, until ${validUntil}  ${id}`,
  );
  output.note(`When it is delivered, \`terminals files ${terminal} --collect FOLDER\` fetches it.`);
}
