import { connectToAuditLog } from "../../arguments/stack-connection.ts";
import { chainBrokenError } from "../../audit-log/log-reader.ts";
import { sha256Hex } from "../../audit-log/record.ts";
import { whyInvalid } from "../../lib/ids.ts";
import { OperatorError } from "../../lib/operator-error.ts";
import { count, formatPreciseTime, formatTable } from "../../terminal-ui/format.ts";
import { t } from "../../words/translate.ts";
import type { CommandContext } from "../command.ts";
import type { AuditVerifyOptions } from "./verify-definition.ts";

/**
 * `audit verify`: verifies the whole hash chain.
 * @throws OperatorError that names the first broken link.
 */
export async function run(options: AuditVerifyOptions, context: CommandContext): Promise<void> {
  const { output } = context;
  const wrong = options.head === undefined ? undefined : whyInvalid(sha256Hex, options.head);
  if (wrong) throw new OperatorError("usage", `--head ${wrong}`);
  const { reader } = await connectToAuditLog(options, context);
  const {
    records,
    blobs,
    first,
    last,
    foreignBlobs: strangers,
    broken,
    containsExpected: holds,
  } = await reader.verify(options.head);
  const rows: [string, string | number][] = [[t`records`, t`${records} in ${count(blobs, "blob")}`]];
  if (first) rows.push([t`from`, t`${formatPreciseTime(first.at)}, number ${first.sequence}`]);
  if (last)
    rows.push([t`to`, t`${formatPreciseTime(last.at)}, number ${last.sequence}`], [t`head`, last.hash]);
  const value = { whole: !broken && holds, records, blobs, first, last, broken, strangers };
  output.result("verification", value, formatTable(rows));
  if (broken) throw chainBrokenError(broken);
  for (const name of strangers)
    output.warning(t`the container has a blob that is not part of the log: ${name}`);
  if (!holds) {
    throw new OperatorError("failed", t`the record ${options.head ?? ""} is not in the audit log`, {
      code: "AuditRecordMissing",
      remedy: t`Either records at the end of the log are missing, or this is another log, or the record was deleted at the end of its retention period.`,
    });
  }
  if (first && first.sequence > 1) {
    output.note(t`Older records were deleted at the end of their retention period.`);
  }
  output.note(
    last
      ? t`The chain is complete. Keep the head: \`npx terminals audit verify --head HASH\` can verify later that no record after it is missing.`
      : t`The audit log has no record yet.`,
  );
}
