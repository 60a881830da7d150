import type { StackRule } from "../../engine/rule.ts";
import { findSecrets } from "../../engine/secret-shapes.ts";
import { psRule } from "../../engine/sources.ts";
import { isProgramType } from "../../engine/type-tokens.ts";
import { leafValues, type Properties, valueAt } from "../../engine/value.ts";

export const stackNoSecretInOutputs: StackRule = {
  id: "stack-no-secret-in-outputs",
  severity: "critical",
  description:
    "No output of the stack or of a component is a secret, in plain text, encoded or inside other text.",
  reason: "Pulumi prints outputs to consoles and logs, and keeps them in its state.",
  remedy: "Remove the output; the command line reads keys from Azure when it needs them.",
  sources: [psRule("AZR-000279", "Azure.Deployment.OutputSecretValue")],
  checkStack: (resources) =>
    resources
      .filter(({ type }) => isProgramType(type))
      .flatMap((resource) => {
        readEveryValue(resource.properties);
        return findSecrets(resource.properties).map(([path, kind]) => ({
          resource,
          problem: `the output ${path} looks like ${kind}.`,
        }));
      }),
};

/** Reads each value, so that stack-preview-unknown-values reports the outputs that a preview does not know. */
function readEveryValue(properties: Properties): void {
  for (const [path] of leafValues(properties)) valueAt(properties, path);
}
