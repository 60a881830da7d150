import type { Catalogue } from "../catalogue.ts";
import { audit } from "./audit.ts";
import { azure } from "./azure.ts";
import { azureErrors } from "./azure-errors.ts";
import { batchFile } from "./batch-file.ts";
import { credentials } from "./credentials.ts";
import { customerNetwork } from "./customer-network.ts";
import { doctorCommand } from "./doctor-command.ts";
import { fileCommands } from "./file-commands.ts";
import { fileExchange } from "./file-exchange.ts";
import { keyRotation } from "./key-rotation.ts";
import { lib } from "./lib.ts";
import { lifecycle } from "./lifecycle.ts";
import { lifecycleCommands } from "./lifecycle-commands.ts";
import { lookUp } from "./look-up.ts";
import { moveCommands } from "./move-commands.ts";
import { nouns } from "./nouns.ts";
import { onboarding } from "./onboarding.ts";
import { onboardingCommands } from "./onboarding-commands.ts";
import { otherCommands } from "./other-commands.ts";
import { program } from "./program.ts";
import { revokeCommand } from "./revoke-command.ts";
import { rotateCommand } from "./rotate-command.ts";
import { severalTerminals } from "./several-terminals.ts";
import { status } from "./status.ts";
import { words } from "./words.ts";

/** All Norwegian words of the command line. */
export const norwegian: Catalogue = {
  texts: {
    ...audit,
    ...azure,
    ...azureErrors,
    ...batchFile,
    ...credentials,
    ...customerNetwork,
    ...doctorCommand,
    ...fileCommands,
    ...fileExchange,
    ...keyRotation,
    ...lib,
    ...lifecycle,
    ...lifecycleCommands,
    ...lookUp,
    ...moveCommands,
    ...onboarding,
    ...onboardingCommands,
    ...otherCommands,
    ...program,
    ...revokeCommand,
    ...rotateCommand,
    ...severalTerminals,
    ...status,
    ...words,
  },
  nouns,
};
