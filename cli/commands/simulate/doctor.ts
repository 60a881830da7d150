import type { NetworkSettings } from "../../azure/network.ts";
import { defaultLimits } from "../../network/doctor/limits.ts";
import { chooseProxy } from "../../network/doctor/proxy/proxy-settings.ts";
import type { DoctorReport } from "../../network/doctor/report.ts";
import { runDoctor } from "../../network/doctor/run-doctor.ts";
import { readEndpointList } from "../../network/read-list.ts";

/**
 * The function with which simulated terminals report on their network. It signs in with no key: a second connection of a
 * terminal to the IoT Hub would end its first one.
 * @param path File with the list of destinations, as `npx terminals endpoints` writes it.
 * @throws OperatorError when the file is no list of destinations.
 */
export async function createDoctor(
  path: string,
  network: NetworkSettings,
): Promise<(signal: AbortSignal) => Promise<DoctorReport>> {
  const list = await readEndpointList(path);
  const limits = { ...defaultLimits, stageMs: network.idleMs ?? defaultLimits.stageMs };
  const proxy = await chooseProxy({ network });
  return (signal) => runDoctor({ list, proxy, limits, signal });
}
