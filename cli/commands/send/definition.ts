import { changingCommand, type OptionsOf, withExamples } from "../../arguments/common-options.ts";
import { validityOption } from "../../arguments/validity.ts";

export function defineSend() {
  return withExamples(
    changingCommand("send")
      .description(
        "offer files to a terminal, which downloads them when it is online; run it again to continue",
      )
      .argument("<terminal>", "terminal ID")
      .argument("<file...>", "files on this computer")
      .option("--name <name>", "name of the file on the terminal; default its name on this computer")
      .option(...validityOption)
      .option("--show-link", "show the file link too; anyone who has it can download the file"),
    "terminals send example-001 employees.csv --stack dev --days 7",
  );
}

export type SendOptions = OptionsOf<typeof defineSend>;
