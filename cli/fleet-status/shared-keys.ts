import type { HubLogs } from "../azure/hub-logs.ts";
import { OperatorError } from "../lib/operator-error.ts";
import { t } from "../words/translate.ts";

/** The time before now in which takeovers count. Lines reach the workspace some minutes late. */
const window = "1h";
/** Takeovers of one machine in that time that are not suspicious: a line that breaks leaves a connection half open. */
const takeoversOfOneMachine = 5;

/** 400027: the IoT Hub closed a connection because the same device ID connected again. */
const query = [
  "AzureDiagnostics",
  `where TimeGenerated > ago(${window})`,
  `where ResourceProvider == "MICROSOFT.DEVICES" and Category == "Connections"`,
  `where OperationName == "deviceDisconnect" and ResultType == "400027"`,
  "extend terminal = tostring(parse_json(properties_s).deviceId)",
  "summarize takeovers = count() by terminal",
  `where takeovers > ${takeoversOfOneMachine}`,
].join(" | ");

/**
 * The terminals whose key two machines used in the last hour: they close each other's connection again and again. Only the
 * IoT Hub's connection log shows it: the registry and the device twin have the last connection only.
 * @param onTrouble Receives the reason when the logs cannot be read. All else that `status` shows is known without them.
 */
export async function readSharedKeys(
  logs: Pick<HubLogs, "query">,
  onTrouble: (message: string) => void,
): Promise<ReadonlySet<string>> {
  try {
    const lines = await logs.query(query, t`reading the connection log of the IoT Hub`);
    return new Set(lines.map(({ terminal }) => String(terminal)));
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    onTrouble(t`It is not known whether two machines use one key: ${error.message}`);
    return new Set();
  }
}
