import { findPulumi } from "../../tools/pulumi-cli/find-pulumi.ts";

/** Finds, downloads or builds the Pulumi CLI before the first test: on a new machine that takes minutes. */
export default async function setup(): Promise<void> {
  await findPulumi();
}
