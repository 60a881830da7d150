import { changingCommand, type OptionsOf, withExamples } from "../../arguments/common-options.ts";
import { validityOption } from "../../arguments/validity.ts";
import { t } from "../../words/translate.ts";

export function defineSend() {
  return withExamples(
    changingCommand("send")
      .description(
        t`offer files to a terminal, which downloads them when it is online; run it again to continue`,
      )
      .argument("<terminal>", t`terminal ID`)
      .argument("<file...>", t`files on this computer`)
      .option("--name <name>", t`name of the file on the terminal; default its name on this computer`)
      .option(...validityOption())
      .option("--show-link", t`show the file link too; anyone who has it can download the file`),
    "terminals send example-001 employees.csv --stack dev --days 7",
  );
}

export type SendOptions = OptionsOf<typeof defineSend>;
