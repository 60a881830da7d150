import pMap from "p-map";
import type { TypedSelection } from "../../arguments/selection.ts";
import type { Fleet } from "../../azure/fleet.ts";
import { isSameCustomer, isSameName } from "../../lib/names.ts";
import { OperatorError } from "../../lib/operator-error.ts";
import { labelsOf, matchesLabels } from "../../lifecycle/labels.ts";
import { selectTerminals, type TerminalLocation } from "../../lifecycle/select-terminals.ts";
import { count, listNames } from "../../terminal-ui/format.ts";
import type { Output } from "../../terminal-ui/output.ts";
import { t } from "../../words/translate.ts";
import { expectOneCustomer } from "../revoke/prompt.ts";
import { noneSelected } from "../revoke/revoke.ts";
import {
  describeSpellings,
  expectNoLookalike,
  hasSeveralSpellings,
  spellingsOf,
} from "../revoke/similar-sites.ts";

const lookupsAtOnce = 32;
const maxNamed = 10;

/** The selected terminals, sorted by ID, with what the services have of their customers and sites. */
export type Targets = ReadonlyMap<string, TerminalLocation>;

/**
 * Finds the terminals that an operator selected: of a customer, at a site, of a list, with labels, or several of these.
 * @throws OperatorError when none match, or the name of a site is ambiguous.
 */
export async function selectTargets(
  fleet: Fleet,
  selection: TypedSelection,
  output: Output,
): Promise<Targets> {
  const { labels } = selection;
  const found = selection.list
    ? await readListed(fleet, selection.list, selection)
    : await readSelected(fleet, selection, output);
  const matching = [...found].filter(
    ([, location]) => labels.length === 0 || matchesLabels(location.labels ?? { labels: {} }, labels),
  );
  if (matching.length === 0) {
    throw new OperatorError("failed", t`no selected terminal has such a label`, {
      remedy: t`\`npx terminals status\` lists all terminals with their labels.`,
    });
  }
  return new Map(matching.sort(([a], [b]) => (a < b ? -1 : 1)));
}

async function readSelected(fleet: Fleet, typed: TypedSelection, output: Output): Promise<Targets> {
  const { customer, site, exact, allCustomers } = typed;
  const selected = await selectTerminals(fleet, { customer, site });
  const { terminals, elsewhere } = selected;
  if (terminals.size === 0) throw await noneSelected({ fleet, customer, site }, selected);
  if (site && !exact) expectNoLookalike(selected, site);
  if (site && !customer && !allCustomers) expectOneCustomer(selected, site);
  const spellings = site ? spellingsOf(selected) : [];
  if (hasSeveralSpellings(spellings)) output.warning(describeSpellings(spellings, site as string));
  if (elsewhere.size > 0) {
    const names = listNames([...elsewhere.keys()], maxNamed);
    output.warning(
      t`Left out: ${count(elsewhere.size, "terminal")} with a Flow key row of ${customer ?? ""}, and the tag of another customer: ${names}`,
    );
  }
  return terminals;
}

/** Terminals of a list. One that the IoT Hub does not have is kept: the work on it fails, and says so. */
async function readListed(
  { registry }: Pick<Fleet, "registry">,
  list: string[],
  { customer, site }: TypedSelection,
): Promise<Targets> {
  const found = new Map<string, TerminalLocation>();
  const isWanted = (location: TerminalLocation) =>
    (!customer || (location.customer !== undefined && isSameCustomer(location.customer, customer))) &&
    (!site || isSameName(location.site, site));
  await pMap(
    list,
    async (terminal) => {
      const tags: Record<string, unknown> = (await registry.tags(terminal)) ?? {};
      const text = (value: unknown) => (typeof value === "string" ? value : undefined);
      const location = { customer: text(tags.customer), site: text(tags.site), labels: labelsOf(tags) };
      if (isWanted(location)) found.set(terminal, location);
    },
    { concurrency: lookupsAtOnce },
  );
  if (found.size > 0) return found;
  throw new OperatorError("failed", t`no terminal of the list is at the given customer and site`, {
    remedy: t`Check the list. Without --customer and --site, all its terminals are selected.`,
  });
}
