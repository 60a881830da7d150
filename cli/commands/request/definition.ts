import { changingCommand, type OptionsOf, withExamples } from "../../arguments/common-options.ts";
import { validityOption } from "../../arguments/validity.ts";
import { t } from "../../words/translate.ts";

export function defineRequest() {
  return withExamples(
    changingCommand("request")
      .description(t`request a file from a terminal, which uploads it when it is online`)
      .argument("<terminal>", t`terminal ID`)
      .argument("<name>", t`name of the file on the terminal, for example terminal.log`)
      .option(...validityOption()),
    "terminals request example-001 terminal.log --stack dev",
  );
}

export type RequestOptions = OptionsOf<typeof defineRequest>;
