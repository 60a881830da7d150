import { Command } from "@commander-js/extra-typings";
import { type OptionsOf, withExamples } from "../../arguments/common-options.ts";
import { t } from "../../words/translate.ts";

export function defineKeygen() {
  return withExamples(
    new Command("keygen")
      .description(t`create an age key for an installer, and print its recipient for --recipient`)
      .argument("<file>", t`new file for the key, which is secret; an existing file is not changed`)
      .option("--json", t`write one JSON object on one line, for programs`),
    "npx terminals keygen installer.txt",
  );
}

export type KeygenOptions = OptionsOf<typeof defineKeygen>;
