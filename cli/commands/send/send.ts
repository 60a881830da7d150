import { statSync } from "node:fs";
import { basename } from "node:path";
import { checkFileName, checkReason } from "../../arguments/identifiers.ts";
import { requireTerminal, selectsSeveral } from "../../arguments/selection.ts";
import { connectToFleet } from "../../arguments/stack-connection.ts";
import type { ChangeDescription } from "../../audit-log/record.ts";
import type { Fleet } from "../../azure/fleet.ts";
import { sendFile } from "../../file-exchange/exchange.ts";
import { fileError } from "../../lib/file-errors.ts";
import { OperatorError } from "../../lib/operator-error.ts";
import { ownershipOf, recordedCustomers } from "../../lifecycle/ownership.ts";
import { formatBytes, formatTime } from "../../terminal-ui/format.ts";
import { errorValue } from "../../terminal-ui/output.ts";
import { TransferProgress } from "../../terminal-ui/transfer-progress.ts";
import { t } from "../../words/translate.ts";
import type { CommandContext } from "../command.ts";
import type { SendOptions } from "./definition.ts";
import { offerResult, reportRemovedOffers } from "./report.ts";
import { type OutgoingFile, sendToSeveral } from "./send-to-several.ts";

/**
 * `send TERMINAL FILE…`: uploads files to the terminal's container and offers them to the terminal. With a selection
 * (`--customer`, `--site`, `--file`, `--label`) all arguments are files, and each selected terminal gets them.
 * @throws OperatorError when a file could not be sent. The other files are sent first.
 */
export async function run(
  first: string | undefined,
  rest: string[],
  options: SendOptions,
  context: CommandContext,
): Promise<void> {
  const reason = checkReason(options.reason);
  if (selectsSeveral(options)) {
    const files = outgoingFiles(first === undefined ? [] : [first, ...rest], options);
    return sendToSeveral(files, { ...options, reason }, context);
  }
  return sendToOne(requireTerminal(first), outgoingFiles(rest, options), { ...options, reason }, context);
}

function outgoingFiles(paths: string[], { name }: Pick<SendOptions, "name">): OutgoingFile[] {
  if (paths.length === 0) throw new OperatorError("usage", t`specify the files to send`);
  if (name !== undefined && paths.length > 1) {
    throw new OperatorError("usage", t`--name renames one file, and the command has ${paths.length}`);
  }
  return paths.map((path) => ({ path, name: checkFileName(name ?? basename(path)), size: sizeOf(path) }));
}

async function sendToOne(
  terminal: string,
  files: OutgoingFile[],
  options: SendOptions,
  context: CommandContext,
): Promise<void> {
  const { reason } = options;
  const fleet = await connectToFleet(options, context);
  const about = {
    command: "send",
    ...recordedCustomers((await ownershipOf(terminal, fleet)).customers),
    terminals: [terminal],
    reason,
  };
  const { output } = context;
  let failed = 0;
  for (const file of files) {
    try {
      await sendOne(terminal, file, about, { ...context, fleet, options });
    } catch (error) {
      // The outcome "failed" concerns this file alone. Any other outcome would stop the remaining files too.
      if (!(error instanceof OperatorError) || error.outcome !== "failed" || files.length === 1) throw error;
      failed++;
      const { path } = file;
      output.result("failed", { terminal, file: path, ...errorValue(error) }, error.about(`${path}: `).lines);
      output.collectRemedy(path, error, "FILE");
    }
  }
  output.writeRemedies();
  if (failed > 0) {
    throw new OperatorError("failed", t`${failed} of ${files.length} files were not sent`, {
      remedy: t`Run this again: files that were sent are not sent twice.`,
    });
  }
}

async function sendOne(
  terminal: string,
  { path, name, size }: OutgoingFile,
  about: ChangeDescription,
  { fleet, options, output, signal }: CommandContext & { fleet: Fleet; options: SendOptions },
): Promise<void> {
  const { days, showLink } = options;
  const startProgress = (title: string) =>
    new TransferProgress({
      title,
      total: size,
      quiet: output.json,
      stream: output.stderr,
    });
  const reading = startProgress(t`reading ${name}`);
  const sending = startProgress(t`sending ${name}`);
  try {
    const send = () =>
      sendFile(fleet, terminal, path, {
        name,
        days,
        signal,
        onDigest: reading.add,
        onUpload: (bytes) => {
          reading.stop();
          sending.add(bytes);
        },
      });
    const sent = await fleet.audit.record({ ...about, details: { file: name, days } }, send, offerResult);
    reportRemovedOffers(terminal, sent.removed, output);
    const { id, isNew, offer } = sent;
    const { validUntil, url } = offer;
    const value = { terminal, id, name: offer.name, size, validUntil, new: isNew };
    const sized = t`${offer.name} (${formatBytes(size)})`;
    const until = formatTime(validUntil);
    output.result(
      "file",
      showLink ? { ...value, url } : value,
      isNew
        ? t`${sized} is offered to ${terminal} until ${until}  ${id}`
        : t`${sized} was offered before and waits for ${terminal} until ${until}  ${id}`,
    );
    if (showLink) output.note(url);
  } finally {
    reading.stop();
    sending.stop();
  }
}

function sizeOf(path: string): number {
  try {
    const stats = statSync(path);
    if (stats.isFile()) return stats.size;
  } catch (error) {
    throw fileError(path, "read", error);
  }
  throw new OperatorError("usage", t`${path} is not a file`);
}
