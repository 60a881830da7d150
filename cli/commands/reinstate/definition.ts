import { bundleCommand, type OptionsOf, withExamples } from "../../arguments/common-options.ts";

export function defineReinstate() {
  return withExamples(
    bundleCommand("reinstate")
      .description(
        "open the access paths of a revoked terminal again, with new keys in a new credential bundle",
      )
      .argument("<terminal>", "terminal ID")
      .option("--customer <id>", "its customer, if the IoT Hub no longer has the terminal")
      .option("--yes", "do not ask for confirmation"),
    "terminals reinstate example-001 --stack prod --out bundles --recipient age1…",
  );
}

export type ReinstateOptions = OptionsOf<typeof defineReinstate>;
