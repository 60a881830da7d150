import { readFileSync } from "node:fs";
import { parse } from "yaml";

/** A stack's checked-in settings, in the form in which Pulumi hands them to the program. */
export function checkedIn(stack: string): Record<string, string> {
  const { config } = parse(readFileSync(`Pulumi.${stack}.yaml`, "utf8")) as {
    config: Record<string, unknown>;
  };
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) => [
      key,
      typeof value === "string" ? value : JSON.stringify(value),
    ]),
  );
}
