import { closingWaitOption } from "../../arguments/closing-wait.ts";
import { bundleCommand, type OptionsOf, withExamples } from "../../arguments/common-options.ts";
import { parseHours } from "../../arguments/numbers.ts";
import { t } from "../../words/translate.ts";

export function defineMove() {
  return withExamples(
    bundleCommand("move")
      .description(
        t`move a terminal to another site or customer: its tags, its Flow key row and its credential bundle; run it again to continue`,
      )
      .argument("<terminal>", t`terminal ID`)
      .requiredOption("--site <name>", t`its new site`)
      .option("--name <name>", t`its new name; default: it keeps its name`)
      .option("--customer <id>", t`its new customer; default: it keeps its customer`)
      .option(
        "--grace <hours>",
        t`how long the old keys stay valid after the new ones were used; to another customer they end at once`,
        parseHours,
        24,
      )
      .option(...closingWaitOption())
      .option("--yes", t`do not ask for confirmation`),
    'npx terminals move example-001 --site "Town hall" --stack prod',
    "npx terminals move example-001 --site Depot --customer other-municipality --stack prod --out bundles --recipient age1…",
  );
}

export type MoveOptions = OptionsOf<typeof defineMove>;
