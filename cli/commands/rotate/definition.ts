import { Option } from "@commander-js/extra-typings";
import { bundleCommand, type OptionsOf, withExamples } from "../../arguments/common-options.ts";
import { parseDays, parseHours, parseSeconds } from "../../arguments/numbers.ts";
import { t } from "../../words/translate.ts";

export function defineRotate() {
  return withExamples(
    bundleCommand("rotate")
      .description(t`replace the keys of terminals without an outage; run it again to continue`)
      .argument("[terminal]", t`terminal ID`)
      .option("--customer <id>", t`all terminals of this customer, and its subscription key`)
      .option("--older-than <days>", "terminals with a key that is older than this", parseDays)
      .addOption(
        new Option(
          "--keys <which>",
          t`which keys: device keys (hub), Flow key (flow), the customer's subscription key (shared); the Flow key is always among them`,
        )
          .choices(["hub", "flow", "shared", "all"] as const)
          .default("all" as const),
      )
      .option("--continue", t`continue rotations that have started; start no new one`)
      .option(
        "--grace <hours>",
        t`how long the old keys stay valid after the new ones were used`,
        parseHours,
        24,
      )
      .option("--wait <seconds>", t`maximum wait for terminals, and for times to pass`, parseSeconds, 60)
      .option("--file", t`deliver keys as sealed files, also to terminals that accept key offers`)
      .option("--again", t`deliver pending keys again, for example if a sealed file was lost`)
      .option(
        "--new-recipient",
        t`accept the new recipient of a terminal that was reinstalled and reports another one than before`,
      )
      .option("--yes", t`do not ask for confirmation`),
    "npx terminals rotate example-001 --stack prod",
    "npx terminals rotate --older-than 90 --stack prod --yes",
    "npx terminals rotate --customer example-municipality --keys shared --stack prod --wait 900",
    "npx terminals rotate --continue --stack prod --yes",
  );
}

export type RotateOptions = OptionsOf<typeof defineRotate>;
