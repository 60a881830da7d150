import { type OptionsOf, withExamples } from "../../arguments/common-options.ts";
import { filteringCommand } from "../../arguments/filter-options.ts";
import { t } from "../../words/translate.ts";

export function defineStatus() {
  return withExamples(
    filteringCommand("status")
      .description(t`show the state of terminals at the IoT Hub, the Flow API and the files, and their drift`)
      .argument("[terminal]", t`show this terminal alone, as \`npx terminals show\` does`)
      .option("--policies", t`check each container's stored access policy too; one call per terminal`)
      .option("--batch <file>", t`compare with the journal of this batch file`)
      .option("--html <file>", t`write a page with a picture of each site`),
    "npx terminals status --stack prod --customer example-municipality",
    "npx terminals status --stack prod --state drift --policies",
    "npx terminals status --stack prod --html fleet.html",
  );
}

export type StatusOptions = OptionsOf<typeof defineStatus>;
