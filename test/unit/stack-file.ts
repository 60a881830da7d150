import { readFileSync } from "node:fs";
import { parse } from "yaml";

/** The configuration of a stack in the repository, as Pulumi passes it to the program. */
export function readStackFile(stack: string): Record<string, string> {
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
