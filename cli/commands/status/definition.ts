import { Option } from "@commander-js/extra-typings";
import { collectValues, type OptionsOf, stackCommand, withExamples } from "../../arguments/common-options.ts";
import { states } from "../../fleet-status/drift.ts";
import { t } from "../../words/translate.ts";

export function defineStatus() {
  return withExamples(
    stackCommand("status")
      .description(t`show the state of terminals at the IoT Hub, the Flow API and the files, and their drift`)
      .argument("[terminal]", t`show this terminal alone, as \`npx terminals show\` does`)
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
      )
      .option("--policies", t`check each container's stored access policy too; one call per terminal`)
      .option("--batch <file>", t`compare with the journal of this batch file`)
      .option("--html <file>", t`write a page with a picture of each site`),
    "npx terminals status --stack prod --customer example-municipality",
    "npx terminals status --stack prod --state drift --policies",
    "npx terminals status --stack prod --html fleet.html",
  );
}

export type StatusOptions = OptionsOf<typeof defineStatus>;
