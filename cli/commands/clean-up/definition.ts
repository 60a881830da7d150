import { changingCommand, type OptionsOf, withExamples } from "../../arguments/common-options.ts";

export function defineCleanUp() {
  return withExamples(
    changingCommand("clean-up")
      .description(
        "delete the device keys that interrupted onboarding runs left in the imports account, and their containers, at once",
      )
      .option("--yes", "do not ask for confirmation"),
    "terminals clean-up --stack prod",
  );
}

export type CleanUpOptions = OptionsOf<typeof defineCleanUp>;
