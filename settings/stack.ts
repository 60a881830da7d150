import * as pulumi from "@pulumi/pulumi";
import { readSettings, type Settings, SettingsError } from "./settings.ts";

/**
 * The settings of the stack that is being deployed.
 * @throws pulumi.RunError, which Pulumi shows without a stack trace, when any of them cannot be used.
 */
export function readStackSettings(): Settings {
  try {
    // A setting that was made a secret is masked by the Pulumi CLI, in messages too.
    return readSettings(pulumi.runtime.allConfig(), pulumi.getProject(), pulumi.getStack());
  } catch (error) {
    throw error instanceof SettingsError ? new pulumi.RunError(error.message) : error;
  }
}
