import { closingWaitOption } from "../../arguments/closing-wait.ts";
import { markChanging, type OptionsOf, stackCommand, withExamples } from "../../arguments/common-options.ts";
import { t } from "../../words/translate.ts";

export function defineRevoke() {
  return withExamples(
    markChanging(
      stackCommand("revoke")
        .description(
          t`close all access paths of terminals (IoT Hub, files, Flow API) and verify that they are closed`,
        )
        .requiredOption("--reason <text>", t`reason, stored with the device identity`)
        .argument("[terminal]", t`terminal ID`)
        .option(
          "--customer <id>",
          t`all terminals of this customer; with TERMINAL: its customer, if the IoT Hub no longer has it`,
        )
        .option("--site <name>", t`all terminals at this site of one customer`)
        .option("--all-customers", t`with --site: at the sites of this name of all customers`)
        .option("--exact", t`with --site: only this name, although the name of another site looks like it`)
        .option("--file <offer>", t`only one file that was offered to TERMINAL`)
        .option(...closingWaitOption())
        .option("--yes", t`do not ask for confirmation`),
    ),
    'npx terminals revoke example-001 --stack prod --reason "stolen"',
    'npx terminals revoke --customer example-municipality --site "Town hall" --stack prod --reason "closed"',
    'npx terminals revoke example-001 --file OFFER --stack prod --reason "sent by mistake"',
  );
}

export type RevokeOptions = OptionsOf<typeof defineRevoke>;
