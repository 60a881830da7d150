import { describeTerminal } from "../../lifecycle/ownership.ts";
import type { Retirement } from "../../lifecycle/retire.ts";
import { formatDay } from "../../terminal-ui/format.ts";
import { nameOrder, t } from "../../words/translate.ts";

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
    const day = formatDay(after);
    return isDisabled
      ? t`Delete ${what} in ${environment} for good? Its waiting period ended on ${day}: its device identity, its files and its Flow key row are deleted now.`
      : t`Delete ${what} in ${environment} for good? It still works, and is revoked first. Its waiting period ended on ${day}: its device identity, its files and its Flow key row are deleted now.`;
  }
  const from = after ?? new Date(now + days * dayMs);
  return t`Retire ${what} in ${environment}? It is revoked now, and can be deleted from ${formatDay(from)}.`;
}

/** The question before all terminals that are due are deleted. */
export function deletionQuestion(terminals: string[], customers: string[], environment: string): string {
  const what =
    terminals.length === 1
      ? t`the retired terminal ${terminals[0] as string}`
      : t`${terminals.length} retired terminals`;
  const owners = [...new Set(customers)].sort(nameOrder()).join(", ");
  return owners === ""
    ? t`Delete ${what} in ${environment} for good?`
    : t`Delete ${what} of ${owners} in ${environment} for good?`;
}
