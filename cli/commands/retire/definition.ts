import { Option } from "@commander-js/extra-typings";
import { changingCommand, type OptionsOf, withExamples } from "../../arguments/common-options.ts";
import { parseDays } from "../../arguments/numbers.ts";
import { t } from "../../words/translate.ts";

export function defineRetire() {
  return withExamples(
    changingCommand("retire")
      .description(t`revoke a terminal for good; a later run deletes it, after a waiting period`)
      .argument("[terminal]", t`terminal ID`)
      .option("--after <days>", t`waiting period, counted from the first run; default 30`, parseDays)
      .addOption(new Option("--due", t`delete all terminals whose waiting period is over`).conflicts("after"))
      .option("--yes", t`do not ask for confirmation`),
    'npx terminals retire example-001 --stack prod --reason "scrapped"',
    "npx terminals retire --due --yes --stack prod",
  );
}

export type RetireOptions = OptionsOf<typeof defineRetire>;
