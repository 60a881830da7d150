import { Option } from "@commander-js/extra-typings";
import { type OptionsOf, stackCommand, withExamples } from "../../arguments/common-options.ts";
import { t } from "../../words/translate.ts";

export const formats = ["html", "pdf", "md", "json", "csv"] as const;

export function defineSheet() {
  return withExamples(
    stackCommand("sheet")
      .description(
        t`write the sheet for a customer's IT people: destinations, keys, personal data, firewall rules`,
      )
      .option("--customer <id>", t`customer whom the sheet is made for`)
      .addOption(
        new Option("--format <format>", t`format of the sheet`).choices(formats).default("html" as const),
      )
      .option("--since <file>", t`older list of \`npx terminals endpoints\`, to show what changed`)
      .option("--service-tags <file>", t`Microsoft's weekly file of service tags, to show addresses too`)
      .option("--out <file>", t`file for the sheet; default standard output, not for pdf`),
    "npx terminals sheet --stack prod --customer example-municipality --lang no --out sheet.html",
    "npx terminals sheet --stack prod --customer example-municipality --lang en --format pdf --out sheet.pdf",
  );
}

export type SheetOptions = OptionsOf<typeof defineSheet>;
