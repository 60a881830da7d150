import { OperatorError } from "../errors.ts";
import { customerId, label, misfit, terminalId } from "../ids.ts";
import { longestReason, revoke } from "../life/revoke.ts";
import { confirm } from "./ask.ts";
import { errorValue, indent, Output } from "./output.ts";
import { connectTo, type StackOptions } from "./stack.ts";

export interface RevokeOptions extends StackOptions {
  reason: string;
  customer?: string;
  json?: boolean;
  yes?: boolean;
}

/**
 * `revoke TERMINAL`: closes the three doors, and says of each whether it is closed.
 * @throws OperatorError when a door is not.
 */
export async function revokeCommand(
  terminal: string,
  options: RevokeOptions,
  signal: AbortSignal,
): Promise<void> {
  const wrong =
    misfit(terminalId, terminal) ??
    (options.customer === undefined ? undefined : misfit(customerId, options.customer));
  if (wrong) throw new OperatorError("usage", `the terminal or customer ${wrong}`);
  const unfit = misfit(label.max(longestReason), options.reason);
  if (unfit) throw new OperatorError("usage", `--reason ${unfit}`);
  const output = new Output(options);
  const fleet = await connectTo(options, signal);
  if (!options.yes) {
    await confirm(`Revoke ${terminal} in ${fleet.outputs.environment}? It stops working at once.`, "refuse");
  }
  const doors = await revoke(terminal, fleet, {
    reason: options.reason,
    customer: options.customer,
    onDoor({ door, closed, what, ms, error }) {
      const value = {
        terminal,
        door,
        closed,
        what,
        seconds: ms / 1000,
        ...(error ? { error: errorValue(error) } : {}),
      };
      const line = `${door.padEnd(5)}  ${closed ? "closed" : "OPEN  "}  ${(ms / 1000).toFixed(1)} s  ${what}`;
      output.result("door", value, line);
      if (error?.remedy) output.note(indent(error.remedy));
    },
  });
  const open = doors.filter(({ closed }) => !closed);
  if (open.length === 0) return;
  const names = open.map(({ door }) => door).join(" and ");
  throw new OperatorError(open[0]?.error?.outcome ?? "failed", `${terminal} still gets in by: ${names}`, {
    remedy: "Run this again: closing what is closed does no harm.",
  });
}
