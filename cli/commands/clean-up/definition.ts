import { changingCommand, type OptionsOf, withExamples } from "../../arguments/common-options.ts";
import { t } from "../../words/translate.ts";

export function defineCleanUp() {
  return withExamples(
    changingCommand("clean-up")
      .description(
        t`delete the device keys that interrupted onboarding runs left in the imports account, and their containers, at once`,
      )
      .option("--yes", t`do not ask for confirmation`),
    "npx terminals clean-up --stack prod",
  );
}

export type CleanUpOptions = OptionsOf<typeof defineCleanUp>;
