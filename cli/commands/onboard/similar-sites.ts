import type { Fleet } from "../../azure/fleet.ts";
import { quoteName } from "../../lib/names.ts";
import { OperatorError } from "../../lib/operator-error.ts";
import { type Batch, mergeSites } from "../../onboarding/batch-file/batch.ts";
import type { SimilarSpellings, Spelling } from "../../onboarding/site-spellings.ts";
import { count } from "../../terminal-ui/format.ts";
import type { Output } from "../../terminal-ui/output.ts";
import type { Prompt } from "../../terminal-ui/prompt.ts";
import { joinAnd, t } from "../../words/translate.ts";

/** What is done with site names that can be taken for one another; undefined asks. */
export type SimilarSitesChoice = "merge" | "keep" | undefined;

/**
 * Decides how to write the names of sites that differ only in case, spaces or letters that look alike, within the batch or
 * from the customer's sites in the fleet. A spelling that the fleet has already is not asked about again.
 * @returns The batch with the spellings that were chosen.
 * @throws OperatorError "usage" when a person has to decide and cannot be asked. Each group is reported as a problem.
 */
export async function decideSpellings(
  batch: Batch,
  fleet: Pick<Fleet, "flowKeys">,
  { similarSites, yes }: { similarSites?: SimilarSitesChoice; yes?: true },
  { output, prompt }: { output: Output; prompt: Prompt },
): Promise<Batch> {
  for await (const { site } of fleet.flowKeys.rows(batch.customer)) batch.spellings.addOnboarded(site);
  const groups = batch.spellings.undecided();
  if (groups.length === 0) return batch;
  if (similarSites === undefined && (yes || !prompt.canAsk)) throw undecided(groups, batch.file, output);
  const merged = new Map<string, string>();
  for (const group of groups) {
    const name = similarSites ? preferred(group, similarSites) : await ask(group, prompt);
    for (const { site, inBatch } of group) {
      if (name === undefined || site === name || inBatch === 0) continue;
      merged.set(site, name);
      output.note(t`${quoted(site)} (${count(inBatch, "terminal")}) is written as ${quoted(name)}.`);
    }
  }
  return mergeSites(batch, merged);
}

function preferred(group: SimilarSpellings, choice: "merge" | "keep"): string | undefined {
  return choice === "merge" ? group[0]?.site : undefined;
}

/** Asks which spelling is right. @returns Undefined when they are different sites. */
async function ask(group: SimilarSpellings, prompt: Prompt): Promise<string | undefined> {
  // The fleet's terminals keep their spelling, so that another one would leave two.
  const choices = group.some(({ inFleet }) => inFleet > 0)
    ? group.filter(({ inFleet }) => inFleet > 0)
    : group;
  const keep = t`d`;
  const question = [
    t`These names of sites can be one site:`,
    ...group.map((spelling) => `  ${describe(spelling)}`),
    ...choices.map(({ site }, index) => `  ${index + 1}  ${t`one site: write ${quoted(site)}`}`),
    `  ${keep}  ${t`different sites: keep all names`}`,
    t`Which is right?`,
  ];
  const answer = await prompt.choose(question, [...choices.map((_, index) => String(index + 1)), keep]);
  return answer === keep ? undefined : choices[Number(answer) - 1]?.site;
}

function undecided(groups: SimilarSpellings[], file: string, output: Output): OperatorError {
  for (const group of groups) {
    const line = Math.max(...group.filter(({ inFleet }) => inFleet === 0).map((one) => one.line ?? 1));
    const names = joinAnd(group.map(describe));
    const problem = { line, reason: t`${names} can be one site` };
    output.result("problem", { ...problem, sites: group }, `${file}:${problem.line}: ${problem.reason}`);
  }
  return new OperatorError("usage", t`${count(groups.length, "problem")} in ${file}; nothing was changed`, {
    code: "SimilarSites",
    remedy: t`If they are one site: correct the file, or add --similar-sites merge, which writes the name that the fleet has, or else the most frequent one. If they are different sites: --similar-sites keep.`,
  });
}

/** For example: "Town hall" (12 terminals, line 2). */
function describe({ site, inBatch, line, inFleet }: Spelling): string {
  const facts = [
    ...(inBatch > 0 ? [count(inBatch, "terminal"), t`line ${line ?? 1}`] : []),
    ...(inFleet > 0 ? [t`${count(inFleet, "terminal")} onboarded before`] : []),
  ];
  return `${quoted(site)} (${facts.join(", ")})`;
}

const quoted = (site: string) => quoteName(site, { hasLookalike: true });
