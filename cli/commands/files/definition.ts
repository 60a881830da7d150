import { Option } from "@commander-js/extra-typings";
import { collectValues, markChanging, type OptionsOf, withExamples } from "../../arguments/common-options.ts";
import { selectingCommand } from "../../arguments/selection.ts";
import { t } from "../../words/translate.ts";

export function defineFiles() {
  const command = selectingCommand("files")
    .option("--reason <text>", t`reason, stored in the audit log`)
    .description(
      t`show the files that are offered to and requested from a terminal, or several, and until when`,
    )
    .argument("[terminal]", t`terminal ID; left out with --customer, --site, --file or --label`)
    .addOption(
      new Option(
        "--collect <folder>",
        t`download the terminal's uploaded files into this folder; of several terminals, into a folder in it for each`,
      ).conflicts("withdraw"),
    )
    .option(
      "--withdraw <id>",
      t`withdraw this offer and delete its file; of several terminals, all waiting offers of a file of this name; can be repeated`,
      collectValues,
    )
    .option("--yes", t`do not ask for confirmation`);
  // Without these two options the command is read-only.
  markChanging(command, ({ collect, withdraw }) => collect !== undefined || withdraw !== undefined);
  return withExamples(
    command,
    "npx terminals files example-001 --stack dev",
    "npx terminals files example-001 --stack dev --collect logs",
    "npx terminals files --customer example-municipality --stack prod --collect logs",
  );
}

export type FilesOptions = OptionsOf<typeof defineFiles>;
