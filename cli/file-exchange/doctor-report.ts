import { noSuchTerminal } from "../azure/iot-hub/nearest-terminals.ts";
import type { Registry } from "../azure/iot-hub/registry.ts";
import type { Twins } from "../azure/iot-hub/twins.ts";
import { OperatorError } from "../lib/operator-error.ts";
import { t } from "../words/translate.ts";

/** Name under which a terminal delivers its doctor's report: the JSON of `npx terminals doctor`, which names its version. */
export const doctorReportName = "doctor.json";

/** The code of the error for a terminal that offers no doctor's report. */
export const noDoctorCode = "NoDoctorReport";

/**
 * Checks that a terminal offers its doctor's report: it reports `terminal.reports` with "doctor" (terminal contract).
 * @throws OperatorError with the code `noDoctorCode` when it does not.
 */
export async function expectDoctorReport(
  terminal: string,
  { twins, registry }: { twins: Twins; registry: Registry },
): Promise<void> {
  const twin = await twins.get(terminal);
  if (!twin) throw await noSuchTerminal(registry, terminal, t`the IoT Hub has no terminal ${terminal}`);
  const { reports } = (twin.properties.reported.terminal ?? {}) as { reports?: unknown };
  if (Array.isArray(reports) && reports.includes("doctor")) return;
  throw new OperatorError("failed", t`${terminal} offers no doctor's report`, {
    code: noDoctorCode,
    remedy: t`Run \`npx terminals doctor\` on a computer at its site. Its software may offer the report later (terminal contract).`,
  });
}
