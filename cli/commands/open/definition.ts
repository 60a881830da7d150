import { Command } from "@commander-js/extra-typings";
import { type OptionsOf, withExamples } from "../../arguments/common-options.ts";
import { t } from "../../words/translate.ts";

export function defineOpen() {
  return withExamples(
    new Command("open")
      .description(t`show a sealed credential bundle; everything in it is secret`)
      .argument("<file>", t`credential bundle, TERMINAL.age`)
      .option(
        "--identity <file>",
        t`file with your age identity, as age-keygen writes it; without it the passphrase is asked for`,
      )
      .option("--json", t`write one JSON object on one line, for programs`),
    "npx terminals open bundles/example-001.age --identity key.txt",
  );
}

export type OpenOptions = OptionsOf<typeof defineOpen>;
