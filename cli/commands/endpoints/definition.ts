import { type OptionsOf, stackCommand, withExamples } from "../../arguments/common-options.ts";
import { t } from "../../words/translate.ts";

export function defineEndpoints() {
  return withExamples(
    stackCommand("endpoints")
      .description(t`list every destination that terminals connect to, for firewalls (endpoints.json)`)
      .option("--customer <id>", t`customer whom the list is made for`)
      .option("--out <file>", t`file for the list; default standard output`)
      .option("--since <file>", t`also show what changed since this older list`),
    "npx terminals endpoints --stack prod --customer example-municipality --out endpoints.json",
    "npx terminals endpoints --stack prod --customer example-municipality --since endpoints.json",
  );
}

export type EndpointsOptions = OptionsOf<typeof defineEndpoints>;
