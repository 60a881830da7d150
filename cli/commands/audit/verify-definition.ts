import { type OptionsOf, stackCommand, withExamples } from "../../arguments/common-options.ts";
import { t } from "../../words/translate.ts";

export function defineAuditVerify() {
  return withExamples(
    stackCommand("verify")
      .description(t`verify the hash chain of the audit log, from the oldest to the newest record`)
      .option(
        "--head <sha256>",
        t`head that an earlier verification printed; verify that the chain still contains it`,
      ),
    "npx terminals audit verify --stack prod",
  );
}

export type AuditVerifyOptions = OptionsOf<typeof defineAuditVerify>;
