import * as pulumi from "@pulumi/pulumi";
import { readSettings, type Settings, SettingsError } from "./settings.ts";

/**
 * The settings of the stack that is being deployed.
 * @throws pulumi.RunError for invalid settings. Pulumi prints it without a stack trace.
 */
export function readStackSettings(): Settings {
  try {
    // The Pulumi CLI masks secret settings in all output, also in these messages.
    return readSettings(pulumi.runtime.allConfig(), pulumi.getProject(), pulumi.getStack());
  } catch (error) {
    throw error instanceof SettingsError ? new pulumi.RunError(error.message) : error;
  }
}
