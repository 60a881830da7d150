import { Option } from "@commander-js/extra-typings";
import { collectValues, type OptionsOf, stackCommand, withExamples } from "../../arguments/common-options.ts";
import { states } from "../../fleet-status/drift.ts";
import { t } from "../../words/translate.ts";

/** The forms in which a list is written. */
export const listForms = ["table", "json", "csv"] as const;

export function defineList() {
  return withExamples(
    stackCommand("list")
      .description(t`list terminals with name, customer, site, state, and when they were last seen`)
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
