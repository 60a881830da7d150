import { readSettings, SettingsError } from "../../settings/settings.ts";
import { checkedIn } from "./stack-file.ts";

/** The settings of dev that are checked in. */
export const good = checkedIn("dev");
/** Reads them with some of them changed; undefined takes one away. */
export const read = (changes: Record<string, string | undefined>) => {
  const config = { ...good };
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined) delete config[`terminal-fleet:${name}`];
    else config[`terminal-fleet:${name}`] = value;
  }
  return readSettings(config, "terminal-fleet", "dev");
};

/** What a person is told of such settings, which must be refused. */
export function lines(changes: Record<string, string | undefined>): string[] {
  try {
    read(changes);
  } catch (error) {
    if (error instanceof SettingsError) return error.lines;
    throw error;
  }
  throw new Error("The settings were accepted.");
}
