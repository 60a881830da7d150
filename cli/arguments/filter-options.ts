import { Option } from "@commander-js/extra-typings";
import { states } from "../fleet-status/drift.ts";
import { t } from "../words/translate.ts";
import { collectValues, stackCommand } from "./common-options.ts";

/** A command that shows the terminals of a fleet, or those that its options select. */
export function filteringCommand(name: string) {
  return stackCommand(name)
    .option("--customer <id>", t`only terminals of this customer`)
    .option("--site <name>", t`only terminals at this site`)
    .option(
      "--label <key=value>",
      t`only terminals with this label; KEY alone: with any value; can be repeated`,
      collectValues,
    )
    .addOption(
      new Option("--state <state...>", t`only terminals in these states`).choices([
        ...states,
        "drift",
      ] as const),
    );
}
