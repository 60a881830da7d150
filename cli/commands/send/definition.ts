import { markChanging, type OptionsOf, withExamples } from "../../arguments/common-options.ts";
import { waveCommand } from "../../arguments/selection.ts";
import { validityOption } from "../../arguments/validity.ts";
import { t } from "../../words/translate.ts";

export function defineSend() {
  return withExamples(
    markChanging(
      waveCommand("send")
        .description(
          t`offer files to a terminal, or to several, which download them when they are online; run it again to continue`,
        )
        .argument("[terminal]", t`terminal ID; left out with --customer, --site, --file or --label`)
        .argument("[file...]", t`files on this computer`)
        .option("--name <name>", t`name of the file on the terminal; default its name on this computer`)
        .option(...validityOption())
        .option("--show-link", t`show the file link too; anyone who has it can download the file`),
    ),
    "npx terminals send example-001 employees.csv --stack dev --days 7",
    "npx terminals send employees.csv --customer example-municipality --stack prod --wave 20 --stop-after 5",
  );
}

export type SendOptions = OptionsOf<typeof defineSend>;
