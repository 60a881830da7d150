import { rmSync } from "node:fs";
import { findPulumi } from "../../tools/pulumi-cli/find-pulumi.ts";
import { createRunFolder } from "./run-folder.ts";

/** Runs once before the first test file. */
export default async function setup(): Promise<() => void> {
  // On a new machine the Pulumi CLI is downloaded or built, which takes minutes.
  await findPulumi();
  const folder = createRunFolder();
  return () => rmSync(folder, { recursive: true, force: true });
}
