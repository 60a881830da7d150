import { checkCustomerId } from "../../arguments/identifiers.ts";
import { readOutputs } from "../../arguments/stack-connection.ts";
import { networkFromEnvironment } from "../../azure/network.ts";
import { expectVerifiedTls } from "../../azure/tls-verification.ts";
import type { CredentialBundle } from "../../credentials/credential-bundle.ts";
import { unseal } from "../../credentials/seal.ts";
import { OperatorError } from "../../lib/operator-error.ts";
import { fileKinds, readBounded } from "../../lib/read-bounded.ts";
import { writeWholeFile } from "../../lib/write-whole-file.ts";
import { createEndpointList } from "../../network/create-list.ts";
import { defaultLimits } from "../../network/doctor/limits.ts";
import { chooseProxy } from "../../network/doctor/proxy/proxy-settings.ts";
import type { DoctorReport, DoctorResult } from "../../network/doctor/report.ts";
import { renderReportPage } from "../../network/doctor/report-page.ts";
import { resultLines, summaryLines, verdictPainter } from "../../network/doctor/report-text.ts";
import { runDoctor } from "../../network/doctor/run-doctor.ts";
import type { EndpointList } from "../../network/endpoint-list.ts";
import { readEndpointList } from "../../network/read-list.ts";
import type { CommandContext } from "../command.ts";
import { createOpener } from "../open/open.ts";
import type { DoctorOptions } from "./definition.ts";

/** `doctor`: checks each destination of the list from this computer, or writes the script that does. */
export async function run(options: DoctorOptions, context: CommandContext): Promise<void> {
  const { output, signal } = context;
  expectVerifiedTls();
  const list = await readList(options);
  const { proxy: proxyUrl, pac } = options;
  const network = context.azure?.network ?? networkFromEnvironment();
  const proxy = await chooseProxy({ proxy: proxyUrl, pac, network });
  const bundle = await openBundle(options, context);
  const limits = { ...defaultLimits, stageMs: network.idleMs ?? defaultLimits.stageMs };
  const report = await runDoctor({ list, proxy, bundle, limits, signal });
  if (signal.aborted) throw new OperatorError("interrupted", "interrupted");
  const { lang: language } = options;
  const paint = verdictPainter(output.stdout);
  output.result("doctor", report, [
    ...report.results.flatMap((one) => resultLines(one, language, paint)),
    "",
    ...summaryLines(report, language),
  ]);
  if (options.html !== undefined) {
    await writeWholeFile(options.html, renderReportPage(report, language));
    output.note(`The report is ${options.html}.`);
  }
  throwOutcome(report, language);
}

async function readList(options: DoctorOptions): Promise<EndpointList> {
  const customer = checkCustomerId(options.customer);
  if (options.endpoints !== undefined) {
    const list = await readEndpointList(options.endpoints);
    return customer === undefined ? list : { ...list, customer };
  }
  if (!options.stack && !options.outputs) {
    throw new OperatorError(
      "usage",
      "specify the list of destinations: --endpoints FILE, or the deployed stack: --stack NAME or --outputs FILE",
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
      "--identity opens the credential bundle of --hand-over, which is missing",
    );
  }
  const sealed = await readBounded(handOver, fileKinds.bundle);
  try {
    return await unseal(sealed, await createOpener({ identity }, prompt));
  } catch (error) {
    throw error instanceof OperatorError ? error.about(`${handOver}: `) : error;
  }
}

/** Ends the command with the exit code of the report's outcome. */
function throwOutcome({ outcome, results }: DoctorReport, language: "en" | "no"): void {
  if (outcome === "ok") return;
  const words = outcomeWords[outcome];
  const isRequired = ({ requirement }: DoctorResult) => requirement === "required";
  const first =
    results.find((one) => isRequired(one) && one.verdict === words.verdict) ??
    results.find((one) => one.verdict === words.verdict);
  throw new OperatorError(words.exit, `${words.text[language]} ${first?.why[language] ?? ""}`.trim(), {
    code: first?.reason,
    remedy: first?.request?.[language],
  });
}

/** How each outcome ends the command. The text is followed by what was found at the first destination. */
const outcomeWords = {
  blocked: {
    exit: "unreachable",
    verdict: "failed",
    text: {
      en: "the network does not let terminals reach every required destination.",
      no: "nettet lar ikke terminalene nå alle nødvendige destinasjoner.",
    },
  },
  "keys-rejected": {
    exit: "notAllowed",
    verdict: "failed",
    text: {
      en: "the network is in order, and the terminal's keys are not accepted.",
      no: "nettet er i orden, og nøklene til terminalen blir ikke godtatt.",
    },
  },
  incomplete: {
    exit: "failed",
    verdict: "could-not-tell",
    text: {
      en: "nothing can be told about a required destination.",
      no: "det kan ikke sies noe om en nødvendig destinasjon.",
    },
  },
} as const satisfies Record<Exclude<DoctorReport["outcome"], "ok">, object>;
