import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hasPython, installPythonPackage } from "../support/python-packages.ts";
import { ClientShell, runsClients } from "./client-shell.ts";

/* azure-mgmt-* from PyPI, as the Azure CLI brings them. Skipped without Python and outside of `npm run test:clients`. */

describe.skipIf(!runsClients || !hasPython)("Python's management libraries", () => {
  let shell: ClientShell;
  beforeAll(async () => {
    shell = await ClientShell.start();
  });
  afterAll(() => shell[Symbol.asyncDispose]());

  test("create, change, list and delete a group, an account, a container, a hub and a service", async () => {
    const python = await installPythonPackage("azure-cli", "2.91.0", { waitMs: 900_000 });
    const { code, output } = await shell.run(python, [join(import.meta.dirname, "python_clients.py")]);
    expect({ code, lines: output.trim().split("\n") }).toEqual({
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
  }, 1_200_000);
});
