import { connectToAudit, type StackOptions } from "../../arguments/stack.ts";
import { chainBrokenError } from "../../audit-log/log-reader.ts";
import { sha256Hex } from "../../audit-log/record.ts";
import { whyInvalid } from "../../lib/ids.ts";
import { OperatorError } from "../../lib/operator-error.ts";
import { Output, table } from "../../terminal-ui/output.ts";

export interface AuditVerifyOptions extends StackOptions {
  head?: string;
}

/**
 * `audit verify`: follows the whole chain.
 * @throws OperatorError that names the first link that does not hold.
 */
export async function auditVerifyCommand(options: AuditVerifyOptions): Promise<void> {
  const wrong = options.head === undefined ? undefined : whyInvalid(sha256Hex, options.head);
  if (wrong) throw new OperatorError("usage", `--head ${wrong}`);
  const output = new Output(options);
  const { reader } = await connectToAudit(options);
  const found = await reader.verify(options.head);
  const { records, blobs, first, last, foreignBlobs: strangers, broken } = found;
  const rows: [string, string | number][] = [
    ["records", `${records} in ${blobs} ${blobs === 1 ? "blob" : "blobs"}`],
    ...(first ? [["from", `${first.at}, number ${first.sequence}`] as [string, string]] : []),
    ...(last ? [["to", `${last.at}, number ${last.sequence}`] as [string, string]] : []),
    ...(last ? [["head", last.hash] as [string, string]] : []),
  ];
  const value = { whole: !broken && found.containsExpected, records, blobs, first, last, broken, strangers };
  output.result("verification", value, table(rows));
  if (broken) throw chainBrokenError(broken);
  for (const name of strangers) output.warning(`${name} is in the container and does not belong to the log`);
  if (!found.containsExpected) {
    throw new OperatorError("failed", `the record ${options.head} is not in the audit log`, {
      code: "AuditRecordMissing",
      remedy:
        "Records were cut off its end, or this is another log, or its time was over and it was deleted.",
    });
  }
  if (first && first.sequence > 1) {
    output.note("Older records are not there any more: they are deleted when their time is over.");
  }
  output.note(
    last
      ? "The chain is whole. Keep the head: `audit verify --head HASH` shows later that nothing was cut off."
      : "Nothing is recorded yet.",
  );
}
