import { type OptionsOf, stackCommand, withExamples } from "../../arguments/common-options.ts";
import { t } from "../../words/translate.ts";

export function defineAuditShow() {
  return withExamples(
    stackCommand("show")
      .description(t`show who changed what, when, why and with which result`)
      .option("--customer <id>", t`only changes for this customer`)
      .option("--terminal <id>", t`only changes of this terminal`)
      .option("--since <day>", t`only changes since this day, for example 2025-11-01`),
    "npx terminals audit show --stack prod --terminal example-001",
    "npx terminals audit show --stack prod --customer example-municipality --since 2025-11-01 --json",
  );
}

export type AuditShowOptions = OptionsOf<typeof defineAuditShow>;
