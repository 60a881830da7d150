import { type OptionsOf, stackCommand, withExamples } from "../../arguments/common-options.ts";
import { t } from "../../words/translate.ts";

export function defineShow() {
  return withExamples(
    stackCommand("show")
      .description(t`show one terminal: state, keys and their age, files, alerts, and its last changes`)
      .argument("<terminal>", t`terminal ID`),
    "npx terminals show example-001 --stack prod",
  );
}

export type ShowOptions = OptionsOf<typeof defineShow>;
