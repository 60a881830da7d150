import { readSettings, SettingsError } from "../../settings/settings.ts";
import { readStackFile } from "./stack-file.ts";

/** The configuration of dev in the repository. */
export const devConfig = readStackFile("dev");

/** Reads the settings of dev with these changes; undefined removes a setting. */
export const readChanged = (changes: Record<string, string | undefined>) => {
  const config = { ...devConfig };
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined) delete config[`terminal-fleet:${name}`];
    else config[`terminal-fleet:${name}`] = value;
  }
  return readSettings(config, "terminal-fleet", "dev");
};

/** The lines of the error for the settings of dev with these changes, which must be invalid. */
export function errorLines(changes: Record<string, string | undefined>): string[] {
  try {
    readChanged(changes);
  } catch (error) {
    if (error instanceof SettingsError) return error.lines;
    throw error;
  }
  throw new Error("The settings are valid.");
}
