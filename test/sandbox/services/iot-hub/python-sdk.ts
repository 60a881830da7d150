import { installPythonPackage } from "../../../support/python-packages.ts";

export { hasPython } from "../../../support/python-packages.ts";

/** Installs the official Python SDK for devices. @returns Path of the environment's Python. */
export function installPythonSdk(): Promise<string> {
  return installPythonPackage("azure-iot-device", "2.14.0");
}
