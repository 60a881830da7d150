import { execFileSync, spawn } from "node:child_process";
import { cpSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { temporaryFolder } from "../support/folder.ts";
import { outcome } from "../support/processes.ts";
import { ClientShell, describeClient } from "./client-shell.ts";

/*
 * The Azure SDK for Go: azidentity, armresources, armstorage and azblob, with the variables of `azure-sandbox env` and
 * nothing else.
 */

const hasGo = (() => {
  try {
    execFileSync("go", ["version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
})();

/** Builds the program. Modules come from outside, so this does not run in the sandbox's shell. */
async function build() {
  const folder = await temporaryFolder();
  cpSync(join(import.meta.dirname, "go"), folder.path, { recursive: true });
  const program = folder.file(process.platform === "win32" ? "client.exe" : "client");
  // The modules alone can be missing. A program that cannot be built is a failure of the test.
  const { code, output } = await run(folder.path, ["mod", "download"]);
  if (code !== 0) throw new Error(output);
  return { folder, program, built: await run(folder.path, ["build", "-o", program, "."]) };
}

const run = (cwd: string, args: string[]) =>
  outcome(spawn("go", args, { cwd, stdio: ["ignore", "pipe", "pipe"] }));

await describeClient("the Azure SDK for Go", { Go: hasGo }, build, ({ folder, program, built }) => {
  let shell: ClientShell;
  beforeAll(async () => {
    shell = await ClientShell.start();
  });
  afterAll(async () => {
    await shell[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });

  test("signs in, and creates, changes, lists and deletes a group, an account, a container and a blob", async () => {
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
  }, 300_000);
});
