import { execFileSync, spawn } from "node:child_process";
import { cpSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { outcome } from "../support/processes.ts";
import { ClientShell, runsClients } from "./client-shell.ts";

/*
 * The Azure SDK for Go: azidentity, armresources, armstorage and azblob, with the variables of `azure-sandbox env` and
 * nothing else. Skipped without Go and outside of `npm run test:clients`.
 */

const hasGo = (() => {
  try {
    execFileSync("go", ["version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
})();

describe.skipIf(!runsClients || !hasGo)("the Azure SDK for Go", () => {
  let shell: ClientShell;
  beforeAll(async () => {
    shell = await ClientShell.start();
  });
  afterAll(() => shell[Symbol.asyncDispose]());

  test("signs in, and creates, changes, lists and deletes a group, an account, a container and a blob", async () => {
    const folder = join(shell.folder, "go");
    cpSync(join(import.meta.dirname, "go"), folder, { recursive: true });
    const program = join(folder, process.platform === "win32" ? "client.exe" : "client");
    // Modules come from outside, so the build does not run in the sandbox's shell.
    const options = { cwd: folder, stdio: ["ignore", "pipe", "pipe"] as const };
    const built = await outcome(
      spawn("go", ["build", "-o", program, "."], { ...options, stdio: [...options.stdio] }),
    );
    expect(built).toMatchObject({ code: 0 });
    const { code, output } = await shell.run(program, []);
    expect({ code, lines: output.trim().split("\n") }).toEqual({
      code: 0,
      lines: [
        "group true false",
        "created gofiles Succeeded",
        "changed TLS1_2",
        "container from-go",
        "gone true",
        "deleted",
      ],
    });
  }, 900_000);
});
