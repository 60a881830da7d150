import { checkReason } from "../../arguments/identifiers.ts";
import { requireTerminal, selectsSeveral } from "../../arguments/selection.ts";
import { connectToFleet } from "../../arguments/stack-connection.ts";
import { OperatorError } from "../../lib/operator-error.ts";
import { describeTerminal, ownershipOf } from "../../lifecycle/ownership.ts";
import { plural, t } from "../../words/translate.ts";
import type { CommandContext } from "../command.ts";
import type { FilesOptions } from "./definition.ts";
import { filesOfSeveral } from "./files-of-several.ts";
import { collectFiles, type Run, withdrawAll } from "./offers-of-one.ts";
import { reportOffer } from "./report.ts";

/**
 * `files TERMINAL`: lists the offers in both directions; with `--collect FOLDER` downloads what the terminal uploaded,
 * with `--withdraw ID` withdraws offers.
 */
export async function run(
  typedId: string | undefined,
  options: FilesOptions,
  context: CommandContext,
): Promise<void> {
  const reason = checkReason(options.reason);
  if (selectsSeveral(options)) {
    if (typedId !== undefined) throw new OperatorError("usage", t`specify TERMINAL or a selection, not both`);
    return filesOfSeveral({ ...options, reason }, context);
  }
  const terminal = requireTerminal(typedId);
  const fleet = await connectToFleet(options, context);
  const offers = await fleet.offers.list(terminal);
  const work = { ...context, terminal, offers, fleet, reason };
  if (options.withdraw) return withdrawOffers(options.withdraw, options, work);
  if (options.collect !== undefined) return collectFiles(options.collect, work);
  const signer = await fleet.files.readSigner();
  for (const offer of offers) reportOffer(terminal, offer, signer, context.output);
  if (offers.length === 0) context.output.note(t`${terminal} has no offers.`);
}

async function withdrawOffers(ids: string[], { yes }: Pick<FilesOptions, "yes">, run: Run): Promise<void> {
  const { terminal, offers, fleet, prompt } = run;
  const selected = [...new Set(ids)].map((id) => {
    const offer = offers.find((one) => one.id === id);
    if (!offer) {
      throw new OperatorError("usage", t`${terminal} has no offer ${id}; nothing was withdrawn`, {
        remedy: t`\`npx terminals files ${terminal}\` lists its offers.`,
      });
    }
    return offer;
  });
  const ownership = await ownershipOf(terminal, fleet);
  if (!yes) {
    const names = selected.map(({ offer }) => offer.name).join(", ");
    const owner = describeTerminal(terminal, ownership);
    await prompt.confirm(
      plural(selected.length, {
        one: t`Withdraw ${names}, offered to ${owner}? Its file is deleted.`,
        other: t`Withdraw ${names}, offered to ${owner}? Their files are deleted.`,
      }),
    );
  }
  await withdrawAll(selected, ownership.customers, run);
}
