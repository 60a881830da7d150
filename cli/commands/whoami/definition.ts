import { type OptionsOf, stackCommand, withExamples } from "../../arguments/common-options.ts";
import { t } from "../../words/translate.ts";

export function defineWhoami() {
  return withExamples(
    stackCommand("whoami").description(
      t`show who is signed in, which stack is used, and which of the operators' roles are missing`,
    ),
    "npx terminals whoami --stack prod",
  );
}

export type WhoamiOptions = OptionsOf<typeof defineWhoami>;
