import {
  changingCommand,
  collectValues,
  type OptionsOf,
  withExamples,
} from "../../arguments/common-options.ts";
import { t } from "../../words/translate.ts";

export function defineLabel() {
  return withExamples(
    changingCommand("label")
      .description(t`write labels and a note about a terminal, which commands show and select by`)
      .argument("<terminal>", t`terminal ID`)
      .argument("[label...]", t`labels as KEY=VALUE; without any and without an option, the labels are shown`)
      .option("--remove <key>", t`remove this label; can be repeated`, collectValues)
      .option("--note <text>", t`write this note; an empty text removes it`),
    "npx terminals label example-001 floor=2 spare=yes --stack prod",
    'npx terminals label example-001 --remove spare --note "key of the cabinet is at the desk" --stack prod',
    "npx terminals label example-001 --stack prod",
  );
}

export type LabelOptions = OptionsOf<typeof defineLabel>;
