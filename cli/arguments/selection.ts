import { OperatorError } from "../lib/operator-error.ts";
import { type LabelFilter, parseLabelFilter } from "../lifecycle/labels.ts";
import { t } from "../words/translate.ts";
import { collectValues, type OptionsOf, stackCommand } from "./common-options.ts";
import { checkCustomerId, checkSite, checkTerminalId } from "./identifiers.ts";
import { parseNumber } from "./numbers.ts";
import { readTerminalList } from "./terminal-list.ts";

/** A command that works on one terminal, or on several that its options select. */
export function selectingCommand(name: string) {
  return stackCommand(name)
    .option("--customer <id>", t`all terminals of this customer`)
    .option("--site <name>", t`all terminals at this site of one customer`)
    .option("--all-customers", t`with --site: at the sites of this name of all customers`)
    .option("--exact", t`with --site: only this name, although the name of another site looks like it`)
    .option(
      "--file <list>",
      t`the terminals in this file, an ID on each line; with other selections: those that match both`,
    )
    .option(
      "--label <key=value>",
      t`only terminals with this label; KEY alone: with any value; can be repeated`,
      collectValues,
    );
}

/** A selecting command that changes each terminal. */
export function waveCommand(name: string) {
  return selectingCommand(name)
    .option("--reason <text>", t`reason, stored in the audit log`)
    .option(
      "--wave <number>",
      t`of several terminals: size of the first wave; each wave without a failure doubles it`,
      parseNumber({ min: 1, max: 1_000, whole: true }),
      50,
    )
    .option(
      "--stop-after <number>",
      t`of several terminals: stop after so many failures; default: try all`,
      parseNumber({ min: 1, max: 1_000_000, whole: true }),
    )
    .option("--again", t`of several terminals: also those that have handled the same file already`)
    .option("--yes", t`do not ask for confirmation`);
}

export type SelectionOptions = Pick<
  OptionsOf<() => ReturnType<typeof selectingCommand>>,
  "customer" | "site" | "allCustomers" | "exact" | "file" | "label"
>;

/** Which terminals an operator selected. */
export interface TypedSelection {
  customer?: string;
  site?: string;
  allCustomers: boolean;
  exact: boolean;
  /** The terminals of --file. */
  list?: string[];
  labels: LabelFilter[];
}

/** Whether the options select several terminals. */
export function selectsSeveral({ customer, site, file, label }: SelectionOptions): boolean {
  return [customer, site, file, label].some((value) => value !== undefined);
}

/** Checks TERMINAL, which a command needs when no option selects several. @throws OperatorError when it is missing. */
export function requireTerminal(typed: string | undefined): string {
  if (typed === undefined) {
    throw new OperatorError("usage", t`specify TERMINAL, --customer, --site, --file or --label`);
  }
  return checkTerminalId(typed);
}

/** @throws OperatorError when an option is invalid, or the options do not go together. */
export async function readSelection(options: SelectionOptions): Promise<TypedSelection> {
  const { allCustomers = false, exact = false, file, label = [] } = options;
  const customer = checkCustomerId(options.customer);
  const site = checkSite(options.site);
  if (exact && !site) throw new OperatorError("usage", t`--exact requires --site`);
  if (allCustomers && (!site || customer)) {
    throw new OperatorError("usage", t`--all-customers requires --site, and excludes --customer`);
  }
  const labels = label.map(parseLabelFilter);
  const list = file === undefined ? undefined : await readTerminalList(file);
  return { customer, site, allCustomers, exact, list, labels };
}
