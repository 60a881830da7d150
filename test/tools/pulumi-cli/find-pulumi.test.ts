import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { findPulumi, pulumiVersion } from "../../../tools/pulumi-cli/find-pulumi.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fleet-setup-"));
  // Nothing is found, nothing was built or downloaded before, and nothing can be reached.
  vi.stubEnv("PATH", folder);
  vi.stubEnv("TERMINAL_FLEET_CACHE", join(folder, "cache"));
  vi.stubEnv("PULUMI_HOME", join(folder, "home"));
  // Nobody listens there.
  vi.stubEnv("https_proxy", undefined);
  vi.stubEnv("HTTPS_PROXY", "http://127.0.0.1:1");
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

/** A program named pulumi in the folder that is on PATH, which prints what it is given. */
function put(version: string): string {
  const path = join(folder, "pulumi");
  writeFileSync(path, `#!/bin/sh\necho ${version}\n`);
  chmodSync(path, 0o755);
  return path;
}

test("when no way is open, one error names all three, why each failed, and what to install", async () => {
  const message = await findPulumi(() => {}).catch((error: Error) => error.message);
  expect(message).toContain("on PATH: no pulumi there");
  expect(message).toContain(
    "official download: get.pulumi.com cannot be reached through the proxy of HTTPS_PROXY (connect ECONNREFUSED",
  );
  expect(message).toContain("built from its Go module: Go is not installed");
  expect(message).toContain(`Install Pulumi ${pulumiVersion}`);
});

test.skipIf(process.platform === "win32")("the one on PATH is taken first", async () => {
  const path = put("v3.259.0");
  expect(await findPulumi(() => {})).toEqual({ path, origin: "PATH" });
});

test.skipIf(process.platform === "win32")(
  "one on PATH that is too old is passed over, and named",
  async () => {
    put("v3.100.0");
    const message = await findPulumi(() => {}).catch((error: Error) => error.message);
    expect(message).toContain("is 3.100.0, and 3.200.0 or newer is needed");
  },
);
