import { type OptionsOf, stackCommand, withExamples } from "../../arguments/common-options.ts";

export function defineAuditVerify() {
  return withExamples(
    stackCommand("verify")
      .description("verify the hash chain of the audit log, from the oldest to the newest record")
      .option(
        "--head <sha256>",
        "head that an earlier verification printed; verify that the chain still contains it",
      ),
    "terminals audit verify --stack prod",
  );
}

export type AuditVerifyOptions = OptionsOf<typeof defineAuditVerify>;
