import { changingCommand, type OptionsOf, withExamples } from "../../arguments/common-options.ts";

export function defineRotateSigningKey() {
  return withExamples(
    changingCommand("rotate-signing-key")
      .description(
        "regenerate the account key that signs no valid file link, and sign with it; before that is possible, show when it will be",
      )
      .option("--emergency", "regenerate both account keys at once; this invalidates all file links")
      .option("--yes", "do not ask for confirmation"),
    "terminals rotate-signing-key --stack dev",
  );
}

export type RotateSigningKeyOptions = OptionsOf<typeof defineRotateSigningKey>;
