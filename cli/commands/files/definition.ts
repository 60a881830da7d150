import { Option } from "@commander-js/extra-typings";
import {
  collectValues,
  markChanging,
  type OptionsOf,
  stackCommand,
  withExamples,
} from "../../arguments/common-options.ts";

export function defineFiles() {
  const command = stackCommand("files")
    .option("--reason <text>", "reason, stored in the audit log")
    .description("show the files that are offered to and requested from a terminal, and until when")
    .argument("<terminal>", "terminal ID")
    .addOption(
      new Option("--collect <folder>", "download the terminal's uploaded files into this folder").conflicts(
        "withdraw",
      ),
    )
    .option("--withdraw <id>", "withdraw this offer and delete its file; can be repeated", collectValues)
    .option("--yes", "do not ask for confirmation");
  // Without these two options the command is read-only.
  markChanging(command, ({ collect, withdraw }) => collect !== undefined || withdraw !== undefined);
  return withExamples(
    command,
    "terminals files example-001 --stack dev",
    "terminals files example-001 --stack dev --collect logs",
  );
}

export type FilesOptions = OptionsOf<typeof defineFiles>;
