import { rmSync } from "node:fs";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { findPulumi } from "../../tools/pulumi-cli/find-pulumi.ts";
import { watchCheckout } from "./checkout-guard.ts";
import { createRunFolder } from "./run-folder.ts";

/** Runs once before the first test file, and what it returns once after the last one. */
export default async function setup({ config }: TestProject): Promise<() => void> {
  // On a new machine the Pulumi CLI is downloaded or built, which takes minutes.
  await findPulumi();
  const changesInCheckout = watchCheckout();
  const folder = createRunFolder();
  // Programs that tests start load in half the CPU time from the second start on.
  process.env.NODE_COMPILE_CACHE = join(folder, "compile-cache");
  return () => {
    rmSync(folder, { recursive: true, force: true });
    const changes = config.watch ? [] : changesInCheckout();
    if (changes.length === 0) return;
    // Vitest reports an error of a teardown without failing.
    process.exitCode = 1;
    throw new Error(
      `A test wrote into the checkout: ${changes.join(", ")}. Tests write to temporary folders only.`,
    );
  };
}
