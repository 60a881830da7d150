import { Command } from "@commander-js/extra-typings";
import { type OptionsOf, withExamples } from "../../arguments/common-options.ts";
import { parseNumber, parseSeconds } from "../../arguments/numbers.ts";
import { t } from "../../words/translate.ts";

export function defineSimulate() {
  return withExamples(
    new Command("simulate")
      .description(t`run the reference terminal, one for each credential bundle, until Ctrl-C`)
      .argument("<bundle...>", t`credential bundles TERMINAL.age, or folders that contain them`)
      .option(
        "--identity <file>",
        t`file with the age identity that opens them; without it the passphrase is asked for`,
      )
      .option(
        "--count <number>",
        t`start only this number of terminals`,
        parseNumber({ min: 1, max: 1_000_000, whole: true }),
      )
      .option("--folder <folder>", t`folder for the terminals' files`, "simulated-terminals")
      .option(
        "--lookup <path>",
        t`what each terminal looks up at the Flow API, for example v1/employees/1001`,
      )
      .option("--lookup-every <seconds>", t`interval of the lookups; 0 for one lookup`, parseSeconds, 0)
      .option(
        "--endpoints <file>",
        t`list of destinations, as \`npx terminals endpoints\` writes it; with it, the terminals offer the doctor's report`,
      )
      .option("--for <seconds>", t`stop after this time`, parseSeconds)
      .option("--json", t`write one JSON object per line, for programs`),
    "npx terminals simulate bundles/example-001.age --identity key.txt --lookup v1/employees/1001",
  );
}

export type SimulateOptions = OptionsOf<typeof defineSimulate>;
