import { Option } from "@commander-js/extra-typings";
import { type OptionsOf, withExamples } from "../../arguments/common-options.ts";
import { filteringCommand } from "../../arguments/filter-options.ts";
import { t } from "../../words/translate.ts";

/** The forms in which a list is written. */
export const listForms = ["table", "json", "csv"] as const;

export function defineList() {
  return withExamples(
    filteringCommand("list")
      .description(t`list terminals with name, customer, site, state, and when they were last seen`)
      .addOption(
        new Option(
          "--output <form>",
          t`table for people; json: one object per line, as --json; csv: for Excel and other programs`,
        )
          .choices(listForms)
          .default("table" as const),
      )
      .addOption(
        new Option(
          "--delimiter <name>",
          t`what separates the columns of CSV; Excel expects a semicolon where the decimal sign is a comma`,
        )
          .choices(["comma", "semicolon"] as const)
          .default("comma" as const),
      ),
    "npx terminals list --stack prod --customer example-municipality",
    "npx terminals list --stack prod --state offline never-seen",
    "npx terminals list --stack prod --output csv --delimiter semicolon > terminals.csv",
  );
}

export type ListOptions = OptionsOf<typeof defineList>;
