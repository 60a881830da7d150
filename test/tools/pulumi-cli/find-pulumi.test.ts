import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { findPulumi, pulumiVersion } from "../../../tools/pulumi-cli/find-pulumi.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fleet-setup-"));
  // No CLI is on PATH, built or downloaded, and no host can be reached.
  vi.stubEnv("PATH", folder);
  vi.stubEnv("TERMINAL_FLEET_CACHE", join(folder, "cache"));
  vi.stubEnv("PULUMI_HOME", join(folder, "home"));
  // No process listens on this port.
  vi.stubEnv("https_proxy", undefined);
  vi.stubEnv("HTTPS_PROXY", "http://127.0.0.1:1");
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

/** Creates a `pulumi` on PATH that prints this version. @returns Its path. */
function createOnPath(version: string): string {
  const path = join(folder, "pulumi");
  writeFileSync(path, `#!/bin/sh\necho ${version}\n`);
  chmodSync(path, 0o755);
  return path;
}

test("when no CLI can be found, downloaded or built, one error gives each reason and the remedy", async () => {
  const message = await findPulumi(() => {}).catch((error: Error) => error.message);
  expect(message).toContain(`on PATH: no folder of PATH contains pulumi`);
  expect(message).toContain(
    "official download: get.pulumi.com cannot be reached through the proxy of HTTPS_PROXY (connect ECONNREFUSED",
  );
  expect(message).toContain("build from the Go module: Go is not installed");
  expect(message).toContain(`Install Pulumi ${pulumiVersion}`);
});

test.skipIf(process.platform === "win32")("a CLI on PATH comes first", async () => {
  const path = createOnPath("v3.259.0");
  expect(await findPulumi(() => {})).toEqual({ path, origin: "PATH" });
});

test.skipIf(process.platform === "win32")(
  "a CLI on PATH that is too old is skipped, and the error names its version",
  async () => {
    createOnPath("v3.100.0");
    const message = await findPulumi(() => {}).catch((error: Error) => error.message);
    expect(message).toContain("has version 3.100.0; 3.200.0 or newer is needed");
  },
);
