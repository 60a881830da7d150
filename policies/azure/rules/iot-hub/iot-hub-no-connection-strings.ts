import type { ResourceRule } from "../../engine/rule.ts";
import { pulumiDocs } from "../../engine/sources.ts";
import { types } from "../../engine/type-tokens.ts";

export const iotHubNoConnectionStrings: ResourceRule = {
  id: "iot-hub-no-connection-strings",
  severity: "critical",
  description: "The IoT Hub's endpoints have no connection string.",
  reason: "A connection string holds a key, which would be in Pulumi's state and in the hub.",
  remedy: "Remove storageEndpoints, and let routing endpoints sign in with a managed identity.",
  sources: [pulumiDocs("Secrets", "iac/concepts/secrets")],
  check: {
    [types.iotHub]: ({ properties }) =>
      findConnectionStrings(properties.properties).map(
        (path) => `properties${path} is set; the endpoint must use a managed identity.`,
      ),
  },
};

/** Paths of the properties named connectionString that have a value. */
function findConnectionStrings(value: unknown, path = ""): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) =>
    name === "connectionString" && inner
      ? [`${path}.${name}`]
      : findConnectionStrings(inner, `${path}.${name}`),
  );
}
