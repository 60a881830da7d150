import { checkFileName, checkReason } from "../../arguments/identifiers.ts";
import { readSelection, requireTerminal, selectsSeveral } from "../../arguments/selection.ts";
import { connectToFleet } from "../../arguments/stack-connection.ts";
import { doctorReportName, expectDoctorReport } from "../../file-exchange/doctor-report.ts";
import { requestFile } from "../../file-exchange/exchange.ts";
import { requestOnce } from "../../file-exchange/many/offer-once.ts";
import { OperatorError } from "../../lib/operator-error.ts";
import { ownershipOf, recordedCustomers } from "../../lifecycle/ownership.ts";
import { formatTime } from "../../terminal-ui/format.ts";
import { t } from "../../words/translate.ts";
import type { CommandContext } from "../command.ts";
import { offerResult, reportRemovedOffers } from "../send/report.ts";
import { runSeveral } from "../several/run-several.ts";
import { selectTargets } from "../several/select-targets.ts";
import type { RequestOptions } from "./definition.ts";

/**
 * `request TERMINAL NAME`: requests one of its files from the terminal. With a selection (`--customer`, `--site`,
 * `--file`, `--label`), `request NAME` requests it from each selected terminal.
 */
export async function run(
  first: string | undefined,
  second: string | undefined,
  options: RequestOptions,
  context: CommandContext,
): Promise<void> {
  const reason = checkReason(options.reason);
  if (selectsSeveral(options)) {
    const unwanted = options.doctor ? first : second;
    if (unwanted !== undefined)
      throw new OperatorError("usage", t`specify TERMINAL or a selection, not both`);
    const name = options.doctor ? doctorReportName : checkFileName(expectName(first));
    return requestFromSeveral(name, { ...options, reason }, context);
  }
  const terminal = requireTerminal(first);
  if (options.doctor && second !== undefined) {
    throw new OperatorError("usage", t`--doctor excludes the name of a file`);
  }
  const name = options.doctor ? doctorReportName : checkFileName(expectName(second));
  return requestFromOne(terminal, name, { ...options, reason }, context);
}

function expectName(name: string | undefined): string {
  if (name !== undefined) return name;
  throw new OperatorError("usage", t`specify the name of the file on the terminal`);
}

async function requestFromSeveral(
  file: string,
  options: RequestOptions,
  context: CommandContext,
): Promise<void> {
  const { output, signal } = context;
  const { days, again } = options;
  const selection = await readSelection(options);
  const fleet = await connectToFleet(options, context);
  const targets = await selectTargets(fleet, selection, output);
  await runSeveral(
    targets,
    {
      identity: {
        command: "request",
        hub: fleet.outputs.hubHostName,
        files: [{ name: file }],
        selection,
        again,
      },
      question: (terminals) => t`Request ${file} from ${terminals}?`,
      // Requesting the file again tomorrow is a new run.
      continuesAfterFailures: false,
      details: { file },
      offer: async (terminal, journal) => {
        if (options.doctor) await expectDoctorReport(terminal, fleet);
        return [await requestOnce(fleet, terminal, file, journal, { days, signal, again })];
      },
      options,
    },
    { ...context, fleet },
  );
}

async function requestFromOne(
  terminal: string,
  file: string,
  options: RequestOptions,
  context: CommandContext,
): Promise<void> {
  const { output, signal } = context;
  const { days, reason } = options;
  const fleet = await connectToFleet(options, context);
  if (options.doctor) await expectDoctorReport(terminal, fleet);
  const about = {
    command: "request",
    ...recordedCustomers((await ownershipOf(terminal, fleet)).customers),
    terminals: [terminal],
    reason,
    details: { file, days },
  };
  const { id, offer, isNew, removed } = await fleet.audit.record(
    about,
    () => requestFile(fleet, terminal, file, { days, signal }),
    offerResult,
  );
  reportRemovedOffers(terminal, removed, output);
  const { name, validUntil } = offer;
  const until = formatTime(validUntil);
  output.result(
    "file",
    { terminal, id, name, validUntil, new: isNew },
    isNew
      ? t`${name} requested from ${terminal}, until ${until}  ${id}`
      : t`${name} was requested before, from ${terminal}, until ${until}  ${id}`,
  );
  output.note(
    t`Once the terminal has uploaded it, \`npx terminals files ${terminal} --collect FOLDER\` downloads it.`,
  );
}
