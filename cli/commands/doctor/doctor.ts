import { checkCustomerId } from "../../arguments/identifiers.ts";
import { readOutputs, stackNameOf } from "../../arguments/stack-connection.ts";
import { networkFromEnvironment } from "../../azure/network.ts";
import { expectVerifiedTls } from "../../azure/tls-verification.ts";
import type { CredentialBundle } from "../../credentials/credential-bundle.ts";
import { unseal } from "../../credentials/seal.ts";
import { OperatorError } from "../../lib/operator-error.ts";
import { printable } from "../../lib/printable.ts";
import { fileKinds, readBounded } from "../../lib/read-bounded.ts";
import { writeWholeFile } from "../../lib/write-whole-file.ts";
import { createEndpointList } from "../../network/create-list.ts";
import { outcomeWords } from "../../network/doctor/headings.ts";
import { defaultLimits } from "../../network/doctor/limits.ts";
import { chooseProxy } from "../../network/doctor/proxy/proxy-settings.ts";
import type { DoctorReport, DoctorResult } from "../../network/doctor/report.ts";
import { renderReportPage } from "../../network/doctor/report-page.ts";
import { resultLines, summaryLines, verdictPainter } from "../../network/doctor/report-text.ts";
import { runDoctor } from "../../network/doctor/run-doctor.ts";
import { renderScript } from "../../network/doctor/script/render-script.ts";
import type { EndpointList } from "../../network/endpoint-list.ts";
import { readEndpointList } from "../../network/read-list.ts";
import { currentLanguage } from "../../words/language.ts";
import { t } from "../../words/translate.ts";
import type { CommandContext } from "../command.ts";
import { createOpener } from "../open/open.ts";
import type { DoctorOptions } from "./definition.ts";

/** `doctor`: checks each destination of the list from this computer, or writes the script that does. */
export async function run(options: DoctorOptions, context: CommandContext): Promise<void> {
  const { output, signal } = context;
  expectVerifiedTls();
  const list = await readList(options);
  if (options.script !== undefined) {
    await writeWholeFile(options.script, renderScript(list));
    output.result(
      "script",
      { path: options.script },
      t`${options.script} is ready: it checks the network of a terminal with Windows, and holds no secret.`,
    );
    return;
  }
  const { proxy: proxyUrl, pac, lookup } = options;
  const network = context.azure?.network ?? networkFromEnvironment();
  const proxy = await chooseProxy({ proxy: proxyUrl, pac, network });
  const bundle = await openBundle(options, context);
  if (bundle) expectSameStack(bundle, list, options.handOver);
  const limits = { ...defaultLimits, stageMs: network.idleMs ?? defaultLimits.stageMs };
  const report = await runDoctor({ list, proxy, bundle, lookup, limits, signal });
  if (signal.aborted) throw new OperatorError("interrupted", t`interrupted`);
  const language = currentLanguage();
  const paint = verdictPainter(output.stdout);
  output.coloredResult("doctor", report, [
    ...report.results.flatMap((one) => resultLines(one, language, paint)),
    "",
    ...summaryLines(report, language).map(printable),
  ]);
  if (options.html !== undefined) {
    await writeWholeFile(options.html, renderReportPage(report, language));
    output.note(t`The report is ${options.html}.`);
  }
  throwOutcome(report);
}

async function readList(options: DoctorOptions): Promise<EndpointList> {
  const customer = checkCustomerId(options.customer);
  if (options.endpoints !== undefined) {
    const list = await readEndpointList(options.endpoints);
    return customer === undefined ? list : { ...list, customer };
  }
  if (!options.outputs && !stackNameOf(options)) {
    throw new OperatorError(
      "usage",
      t`specify the list of destinations: --endpoints FILE, or the deployed stack: --stack NAME or --outputs FILE`,
    );
  }
  return createEndpointList({ ...(await readOutputs(options)), customer, now: Date.now() });
}

async function openBundle(
  { handOver, identity }: DoctorOptions,
  { prompt }: CommandContext,
): Promise<CredentialBundle | undefined> {
  if (handOver === undefined) {
    if (identity === undefined) return undefined;
    throw new OperatorError(
      "usage",
      t`--identity opens the credential bundle of --hand-over, which is missing`,
    );
  }
  const sealed = await readBounded(handOver, fileKinds.bundle);
  try {
    return await unseal(sealed, await createOpener({ identity }, prompt));
  } catch (error) {
    throw error instanceof OperatorError ? error.about(`${handOver}: `) : error;
  }
}

/**
 * Checks that a credential bundle is of the stack that is checked: its keys are not sent to another one.
 * @throws OperatorError when a host of the bundle is not on the list.
 */
function expectSameStack({ hub, flow }: CredentialBundle, { destinations }: EndpointList, path = ""): void {
  const hosts = new Set(destinations.map(({ host }) => host?.toLowerCase()));
  const missing = [hub.hostName, new URL(flow.url).host].find((host) => !hosts.has(host.toLowerCase()));
  if (missing === undefined) return;
  throw new OperatorError(
    "usage",
    t`${path} is of another stack: its host ${missing} is not on the list of destinations`,
    { remedy: t`Give the credential bundle and the list of the same stack.` },
  );
}

/** Ends the command with the exit code of the report's outcome. */
function throwOutcome({ outcome, results }: DoctorReport): void {
  if (outcome === "ok") return;
  const language = currentLanguage();
  const { exit, verdict } = exits[outcome];
  const isRequired = ({ requirement }: DoctorResult) => requirement === "required";
  const first =
    results.find((one) => isRequired(one) && one.verdict === verdict) ??
    results.find((one) => one.verdict === verdict);
  throw new OperatorError(exit, `${outcomeWords[outcome][language]} ${first?.why[language] ?? ""}`.trim(), {
    code: first?.reason,
    remedy: first?.request?.[language],
  });
}

/** How each outcome ends the command, and the verdict of the destination that the error names. */
const exits = {
  blocked: { exit: "unreachable", verdict: "failed" },
  "keys-rejected": { exit: "notAllowed", verdict: "failed" },
  incomplete: { exit: "failed", verdict: "could-not-tell" },
} as const;
