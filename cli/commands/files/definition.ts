import { Option } from "@commander-js/extra-typings";
import {
  collectValues,
  markChanging,
  type OptionsOf,
  stackCommand,
  withExamples,
} from "../../arguments/common-options.ts";
import { t } from "../../words/translate.ts";

export function defineFiles() {
  const command = stackCommand("files")
    .option("--reason <text>", t`reason, stored in the audit log`)
    .description(t`show the files that are offered to and requested from a terminal, and until when`)
    .argument("<terminal>", t`terminal ID`)
    .addOption(
      new Option("--collect <folder>", t`download the terminal's uploaded files into this folder`).conflicts(
        "withdraw",
      ),
    )
    .option("--withdraw <id>", t`withdraw this offer and delete its file; can be repeated`, collectValues)
    .option("--yes", t`do not ask for confirmation`);
  // Without these two options the command is read-only.
  markChanging(command, ({ collect, withdraw }) => collect !== undefined || withdraw !== undefined);
  return withExamples(
    command,
    "terminals files example-001 --stack dev",
    "terminals files example-001 --stack dev --collect logs",
  );
}

export type FilesOptions = OptionsOf<typeof defineFiles>;
