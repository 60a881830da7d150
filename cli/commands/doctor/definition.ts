import { Option } from "@commander-js/extra-typings";
import { type OptionsOf, stackCommand, withExamples } from "../../arguments/common-options.ts";
import { t } from "../../words/translate.ts";

export function defineDoctor() {
  return withExamples(
    stackCommand("doctor")
      .description(t`check from this computer whether a terminal's network reaches every destination`)
      .addOption(
        new Option(
          "--endpoints <file>",
          t`the list of destinations, a file of \`npx terminals endpoints\``,
        ).conflicts(["stack", "outputs"]),
      )
      .option("--customer <id>", t`customer, for the head of the report`)
      .option("--hand-over <file>", t`credential bundle TERMINAL.age: signs in with its keys too`)
      .option(
        "--identity <file>",
        t`file with the age identity that opens it; without it the passphrase is asked for`,
      )
      .option("--lookup <path>", t`what is looked up at the Flow API with these keys`, "v1/employees/doctor")
      .option("--proxy <url>", t`proxy to use, or none; default: the environment, then the system's`)
      .option("--pac <location>", t`URL or path of a proxy script (PAC) to use`)
      .option("--html <file>", t`write the report as one page, for support`)
      .option("--script <file>", t`write terminal-doctor.ps1, the same check for Windows, and check nothing`),
    "npx terminals doctor --stack prod",
    "npx terminals doctor --endpoints endpoints.json --html report.html",
    "npx terminals doctor --stack prod --customer example-municipality --script terminal-doctor.ps1",
  );
}

export type DoctorOptions = OptionsOf<typeof defineDoctor>;
