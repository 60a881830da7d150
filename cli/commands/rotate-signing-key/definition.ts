import { changingCommand, type OptionsOf, withExamples } from "../../arguments/common-options.ts";
import { t } from "../../words/translate.ts";

export function defineRotateSigningKey() {
  return withExamples(
    changingCommand("rotate-signing-key")
      .description(
        t`regenerate the account key that signs no valid file link, and sign with it; before that is possible, show when it will be`,
      )
      .option("--emergency", t`regenerate both account keys at once; this invalidates all file links`)
      .option("--yes", t`do not ask for confirmation`),
    "npx terminals rotate-signing-key --stack dev",
  );
}

export type RotateSigningKeyOptions = OptionsOf<typeof defineRotateSigningKey>;
