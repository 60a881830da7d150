import type { Fleet } from "../azure/fleet.ts";
import { noSuchTerminal } from "../azure/iot-hub/nearest-terminals.ts";
import type { DeviceTwin } from "../azure/iot-hub/twins.ts";
import { t } from "../words/translate.ts";

/** Reads the device twin of a terminal. @throws OperatorError with the nearest names when the IoT Hub has none. */
export async function readTwin(
  terminal: string,
  { twins, registry }: Pick<Fleet, "twins" | "registry">,
): Promise<DeviceTwin> {
  const twin = await twins.get(terminal);
  if (twin) return twin;
  throw await noSuchTerminal(registry, terminal, t`the IoT Hub has no terminal ${terminal}`);
}
