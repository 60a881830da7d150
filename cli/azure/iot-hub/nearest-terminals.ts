import { NearestNames } from "../../lib/nearest-names.ts";
import { OperatorError } from "../../lib/operator-error.ts";
import { t } from "../../words/translate.ts";
import type { Registry } from "./registry.ts";

/**
 * What a message adds to "no terminal ID": the nearest terminal IDs of the IoT Hub. It reads all IDs, so it is called only
 * when a terminal was not found.
 * @returns An empty text when they cannot be read: the error about the terminal matters more.
 */
export async function suggestTerminals(registry: Pick<Registry, "query">, terminal: string): Promise<string> {
  const nearest = new NearestNames(terminal);
  try {
    for await (const { deviceId } of registry.query("SELECT deviceId FROM devices")) {
      nearest.add(String(deviceId));
    }
  } catch (error) {
    if (!(error instanceof OperatorError) || error.outcome === "interrupted") throw error;
    return "";
  }
  return nearest.suggestion({ none: t`the fleet has no terminals` });
}

/** The error for a terminal that does not exist. @param message Begins it. Default: "no terminal ID". */
export async function noSuchTerminal(
  registry: Pick<Registry, "query">,
  terminal: string,
  message = t`no terminal ${terminal}`,
): Promise<OperatorError> {
  return new OperatorError("failed", `${message}${await suggestTerminals(registry, terminal)}`, {
    code: "NoSuchTerminal",
    remedy: t`\`npx terminals list\` lists the terminals.`,
  });
}

/**
 * Adds the nearest terminal IDs to an error that says that the terminal does not exist.
 * @returns Any other error as it is.
 */
export async function addNearestTerminals(
  error: unknown,
  registry: Pick<Registry, "query">,
  terminal: string | undefined,
): Promise<unknown> {
  if (!(error instanceof OperatorError) || error.code !== "NoSuchTerminal" || terminal === undefined) {
    return error;
  }
  const { outcome, code, remedyLines: remedy, cause } = error;
  const [first = "", ...rest] = error.lines;
  const lines = [`${first}${await suggestTerminals(registry, terminal)}`, ...rest];
  return new OperatorError(outcome, lines, { code, remedy, cause });
}
