import { describeTerminal } from "../../lifecycle/ownership.ts";
import type { Retirement } from "../../lifecycle/retire.ts";

const dayMs = 86_400_000;

/** The question before one terminal is retired, or deleted if its waiting period is over. */
export function retirementQuestion(
  terminal: string,
  { state, after, isDisabled, customer, site }: Retirement,
  { now, days }: { now: number; days: number },
  environment: string,
): string {
  const what = describeTerminal(terminal, { customers: customer ? [customer] : [], site });
  if (state === "due" && after) {
    const first = isDisabled ? "" : "It still works, and is revoked first. ";
    return `Delete ${what} in ${environment} for good? ${first}Its waiting period ended on ${formatDay(after)}: its device identity, its files and its Flow key row are deleted now.`;
  }
  const from = after ?? new Date(now + days * dayMs);
  return `Retire ${what} in ${environment}? It is revoked now, and can be deleted from ${formatDay(from)}.`;
}

/** The question before all terminals that are due are deleted. */
export function deletionQuestion(terminals: string[], customers: string[], environment: string): string {
  const what =
    terminals.length === 1 ? `the retired terminal ${terminals[0]}` : `${terminals.length} retired terminals`;
  const owners = customers.length > 0 ? ` of ${[...new Set(customers)].sort().join(", ")}` : "";
  return `Delete ${what}${owners} in ${environment} for good?`;
}

function formatDay(date: Date): string {
  return date.toISOString().slice(0, 10);
}
