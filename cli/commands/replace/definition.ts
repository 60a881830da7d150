import { bundleCommand, type OptionsOf, withExamples } from "../../arguments/common-options.ts";
import { parseSeconds } from "../../arguments/numbers.ts";
import { t } from "../../words/translate.ts";

export function defineReplace() {
  return withExamples(
    bundleCommand("replace", t`reason, stored with the old device identity`)
      .description(t`onboard new hardware at the site of an old terminal, and revoke the old one`)
      .argument("<old>", t`ID of the old terminal`)
      .argument("<new>", t`ID of the new terminal`)
      .option("--now", t`revoke the old terminal at once, before the new one has connected to the IoT Hub`)
      .option("--wait <seconds>", t`maximum wait for the new terminal to connect`, parseSeconds, 60)
      .option("--yes", t`do not ask for confirmation`),
    "npx terminals replace example-001 example-101 --stack prod --out bundles --recipient age1…",
  );
}

export type ReplaceOptions = OptionsOf<typeof defineReplace>;
