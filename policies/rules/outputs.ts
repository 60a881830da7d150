import type { Finding, StackRule } from "../engine/rule.ts";
import { secretsIn } from "../engine/secret-shapes.ts";
import { isOwn } from "../engine/type-tokens.ts";
import { at, leaves, type Properties } from "../engine/value.ts";

/** Rules on what the stack hands out. */
export const outputRules: StackRule[] = [
  {
    name: "no-secret-in-outputs",
    reason: "Outputs are shown in consoles and logs, and the command line reads them from there.",
    remedy: "Leave it out of the outputs; the command line asks Azure for keys when it needs them.",
    sources: ["AZR-000279"],
    checkStack: (resources) =>
      resources
        .filter(({ type }) => isOwn(type))
        .flatMap((resource) => {
          tellUnknown(resource.properties);
          return secretsIn(resource.properties).map(
            ([path, what]): Finding => ({ resource, problem: `the output ${path} looks like ${what}.` }),
          );
        }),
  },
];

/** Reads each value, so that what is not known yet counts as not judged. */
function tellUnknown(properties: Properties): void {
  for (const [path] of leaves(properties)) at(properties, path);
}
