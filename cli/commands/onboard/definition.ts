import { Option } from "@commander-js/extra-typings";
import {
  changingCommand,
  collectValues,
  type OptionsOf,
  passphraseDescription,
  withExamples,
} from "../../arguments/common-options.ts";
import { t } from "../../words/translate.ts";

export function defineOnboard() {
  return withExamples(
    changingCommand("onboard")
      .description(
        t`onboard a customer's batch of terminals; run it again to continue, terminals already onboarded stay unchanged`,
      )
      .argument(
        "<file>",
        t`CSV file or workbook (.xlsx, .ods) with the columns terminal and site, optionally customer and name`,
      )
      .requiredOption("--out <folder>", t`folder for the sealed credential bundles, one per terminal`)
      .option(
        "--recipient <key>",
        t`age recipient (age1…) who can open the bundles; can be repeated`,
        collectValues,
      )
      .option("--passphrase", passphraseDescription())
      .option("--customer <id>", t`customer ID, if the batch file has no column for it`)
      .option("--sheet <name>", t`sheet of the workbook; without it, the first one`)
      .addOption(
        new Option(
          "--similar-sites <how>",
          t`for names of sites that differ in case or spaces only: merge writes them in one spelling, keep keeps them as different sites; without it, a question`,
        ).choices(["merge", "keep"] as const),
      )
      .option("--dry-run", t`show what would happen and how long it would take; change nothing`)
      .addOption(
        new Option(
          "--import <when>",
          t`create device identities with an import job of the IoT Hub; auto: if its throttles would take long`,
        )
          .choices(["auto", "always", "never"] as const)
          .default("auto" as const),
      )
      .option("--yes", t`do not ask for confirmation`),
    "npx terminals onboard batch.csv --stack dev --out bundles --dry-run",
    "npx terminals onboard batch.csv --stack dev --out bundles --recipient age1…",
  );
}

export type OnboardOptions = OptionsOf<typeof defineOnboard>;
