import { nameKey, quoteName } from "../../lib/names.ts";
import { OperatorError } from "../../lib/operator-error.ts";
import type { SelectedTerminals } from "../../lifecycle/select-terminals.ts";
import { countSpellings, type SiteSpelling } from "../../lifecycle/site-selection.ts";
import { count, nameLines } from "../../terminal-ui/format.ts";
import { t } from "../../words/translate.ts";

const maxListed = 20;

/**
 * @throws OperatorError when another site has a name that people can take for the selected one, for example one in upper
 *   case or with a Cyrillic letter. It names both.
 */
export function expectNoLookalike(selected: SelectedTerminals, site: string): void {
  const { lookalikes } = selected;
  if (lookalikes.length === 0) return;
  const message = [
    t`the name ${quoteName(site)} can be taken for the name of another site; nothing was changed`,
    t`Selected:`,
    ...spellingLines(spellingsOf(selected)),
    t`Not selected:`,
    ...spellingLines(lookalikes),
  ];
  throw new OperatorError("usage", message, {
    code: "SimilarSites",
    remedy: t`Add --exact for the selected terminals only. For the others too, run it again with the other name.`,
  });
}

/** The spellings of the selected site's name. Different customers may share one. */
export function spellingsOf({ terminals }: SelectedTerminals): SiteSpelling[] {
  return countSpellings(terminals.values());
}

/** Whether one customer has the site in more than one spelling. */
export function hasSeveralSpellings(spellings: readonly SiteSpelling[]): boolean {
  return new Set(spellings.map(({ customer }) => customer)).size < spellings.length;
}

/** A message about a site whose name is spelled in several ways that look the same. */
export function describeSpellings(spellings: SiteSpelling[], site: string): string[] {
  const same = spellings.filter((one) => nameKey(one.site) === nameKey(site));
  return [
    t`the name ${quoteName(site)} has ${count(same.length, "spelling")} that look the same; all are selected:`,
    ...spellingLines(same),
  ];
}

/** One line for each spelling, so that different spellings look different. */
export function spellingLines(spellings: SiteSpelling[]): string[] {
  const lines = spellings.map(({ customer, site, terminals }) => {
    const name = quoteName(site, { hasLookalike: true });
    const number = count(terminals, "terminal");
    return customer ? t`${name} of ${customer}: ${number}` : `${name}: ${number}`;
  });
  return nameLines(lines, maxListed);
}
