import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { hasPython, installPythonPackage } from "../support/python-packages.ts";
import { ClientShell, describeClient } from "./client-shell.ts";
import { createHub } from "./iot-hub.ts";

/* Libraries from PyPI: azure-mgmt-*, as the Azure CLI brings them, azure-iot-hub for the service, and paho for the device. */

const waitMs = 900_000;
const needs = { Python: hasPython };

let shell: ClientShell;
const start = async () => {
  shell = await ClientShell.start();
};
const stop = () => shell[Symbol.asyncDispose]();

async function linesOf(python: string, program: string, ...args: string[]) {
  const { code, output } = await shell.run(python, [join(import.meta.dirname, program), ...args]);
  return { code, lines: output.trim().split(/\r?\n/) };
}

const installManagement = () => installPythonPackage("azure-cli", "2.91.0", { waitMs });
await describeClient("Python's management libraries", needs, installManagement, (python) => {
  beforeAll(start);
  afterAll(stop);

  test("create, change, list and delete a group, an account, a container, a hub and a service", async () => {
    expect(await linesOf(python, "python_clients.py")).toEqual({
      code: 0,
      lines: [
        "group True False",
        "account pythonfiles Succeeded",
        "containers ['from-python']",
        "missing ResourceNotFound",
        "hub python-hub Active",
        "stale 412",
        "tags {'a': 'b'}",
        "service python-apim Succeeded",
        "deleted False",
      ],
    });
  }, 300_000);
});

// azure-iot-hub needs six and does not say so; paho needs PySocks for a proxy.
const more = ["paho-mqtt==2.1.0", "PySocks==1.7.1", "six==1.17.0"];
const installIotHub = () => installPythonPackage("azure-iot-hub", "2.7.0", { waitMs, more });
await describeClient("Python's azure-iot-hub and paho", needs, installIotHub, (python) => {
  beforeAll(start);
  afterAll(stop);

  test("make, change, connect, call and delete a device", async () => {
    const connection = await createHub(shell, "python-hub");
    expect(await linesOf(python, "python_iot.py", "python-hub.azure-devices.net", connection)).toEqual({
      code: 0,
      lines: [
        "created from-python enabled",
        "changed why",
        "stale 412",
        "devices ['from-python']",
        "connected True",
        "reported $iothub/twin/res/204/",
        "twin 1.2 Connected",
        "desired 5",
        "method 200 {'in': 5}",
        "deleted 404",
      ],
    });
  }, 300_000);
});
