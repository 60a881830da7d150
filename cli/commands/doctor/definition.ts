import { Option } from "@commander-js/extra-typings";
import { type OptionsOf, stackCommand, withExamples } from "../../arguments/common-options.ts";

export function defineDoctor() {
  return withExamples(
    stackCommand("doctor")
      .description("check from this computer whether a terminal's network reaches every destination")
      .addOption(
        new Option(
          "--endpoints <file>",
          "the list of destinations, as `terminals endpoints` writes it",
        ).conflicts(["stack", "outputs"]),
      )
      .option("--customer <id>", "customer, for the head of the report")
      .option("--hand-over <file>", "credential bundle TERMINAL.age: signs in with its keys too")
      .option(
        "--identity <file>",
        "file with the age identity that opens it; without it the passphrase is asked for",
      )
      .option("--proxy <url>", "proxy to use, or none; default: the environment, then the system's")
      .option("--pac <location>", "URL or path of a proxy script (PAC) to use")
      .addOption(
        new Option("--lang <language>", "language").choices(["en", "no"] as const).default("en" as const),
      )
      .option("--html <file>", "write the report as one page, for support"),
    "terminals doctor --stack prod",
    "terminals doctor --endpoints endpoints.json --html report.html",
  );
}

export type DoctorOptions = OptionsOf<typeof defineDoctor>;
