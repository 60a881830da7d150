import { bundleCommand, type OptionsOf, withExamples } from "../../arguments/common-options.ts";
import { t } from "../../words/translate.ts";

export function defineReinstate() {
  return withExamples(
    bundleCommand("reinstate")
      .description(
        t`open the access paths of a revoked terminal again, with new keys in a new credential bundle`,
      )
      .argument("<terminal>", t`terminal ID`)
      .option("--customer <id>", t`its customer, if the IoT Hub no longer has the terminal`)
      .option("--yes", t`do not ask for confirmation`),
    "npx terminals reinstate example-001 --stack prod --out bundles --recipient age1…",
  );
}

export type ReinstateOptions = OptionsOf<typeof defineReinstate>;
