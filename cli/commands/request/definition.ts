import { markChanging, type OptionsOf, withExamples } from "../../arguments/common-options.ts";
import { waveCommand } from "../../arguments/selection.ts";
import { validityOption } from "../../arguments/validity.ts";
import { t } from "../../words/translate.ts";

export function defineRequest() {
  return withExamples(
    markChanging(
      waveCommand("request")
        .description(t`request a file from a terminal, or from several, which upload it when they are online`)
        .argument("[terminal]", t`terminal ID; left out with --customer, --site, --file or --label`)
        .argument("[name]", t`name of the file on the terminal, for example terminal.log`)
        .option("--doctor", t`request the doctor's report of terminals that offer it, in place of a file`)
        .option(...validityOption()),
    ),
    "npx terminals request example-001 terminal.log --stack dev",
    'npx terminals request terminal.log --customer example-municipality --site "Town hall" --stack prod',
    "npx terminals request example-001 --doctor --stack prod",
  );
}

export type RequestOptions = OptionsOf<typeof defineRequest>;
