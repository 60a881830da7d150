import { requestFile } from "../files/exchange.ts";
import { Output } from "./output.ts";
import { checkDays, checkTerminal, offered } from "./send-command.ts";
import { connectTo, type StackOptions } from "./stack.ts";

export interface RequestOptions extends StackOptions {
  days: number;
  reason?: string;
  json?: boolean;
}

/** `request TERMINAL NAME`: asks the terminal to deliver one of its files. */
export async function requestCommand(
  terminal: string,
  wanted: string,
  options: RequestOptions,
  signal: AbortSignal,
): Promise<void> {
  checkTerminal(terminal);
  checkDays(options.days);
  const output = new Output(options);
  const fleet = await connectTo(options, signal);
  const { days, reason } = options;
  const { id, offer, isNew } = await fleet.audit.record(
    { command: "request", terminals: [terminal], reason, details: { file: wanted, days } },
    () => requestFile(fleet, terminal, wanted, { days, signal }),
    offered,
  );
  const { name, validUntil } = offer;
  const how = isNew ? "is asked of" : "was asked for already, of";
  output.result(
    "file",
    { terminal, id, name, validUntil, new: isNew },
    `${name} ${how} ${terminal}, until ${validUntil}  ${id}`,
  );
  output.note(`When it is delivered, \`terminals files ${terminal} --collect FOLDER\` fetches it.`);
}
