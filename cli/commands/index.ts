import { t } from "../words/translate.ts";
import { defineAuditShow } from "./audit/show-definition.ts";
import { defineAuditVerify } from "./audit/verify-definition.ts";
import { defineCleanUp } from "./clean-up/definition.ts";
import { bindCommand, type CommandFactory, groupCommands } from "./command.ts";
import { defineCompletion } from "./completion/definition.ts";
import { defineDoctor } from "./doctor/definition.ts";
import { defineEndpoints } from "./endpoints/definition.ts";

import { defineFiles } from "./files/definition.ts";
import { defineKeygen } from "./keygen/definition.ts";
import { defineLabel } from "./label/definition.ts";
import { defineList } from "./list/definition.ts";
import { defineMove } from "./move/definition.ts";
import { defineOnboard } from "./onboard/definition.ts";
import { defineOpen } from "./open/definition.ts";
import { defineReinstate } from "./reinstate/definition.ts";
import { defineReplace } from "./replace/definition.ts";
import { defineRequest } from "./request/definition.ts";
import { defineRetire } from "./retire/definition.ts";
import { defineRevoke } from "./revoke/definition.ts";
import { defineRotate } from "./rotate/definition.ts";
import { defineRotateSigningKey } from "./rotate-signing-key/definition.ts";
import { defineSend } from "./send/definition.ts";
import { defineSheet } from "./sheet/definition.ts";
import { defineShow } from "./show/definition.ts";
import { defineSimulate } from "./simulate/definition.ts";
import { defineStatus } from "./status/definition.ts";
import { defineWhoami } from "./whoami/definition.ts";

/** All commands, in the order of the help. A new command is one folder, and one line here. */
export const commands: CommandFactory[] = [
  bindCommand(defineOnboard, () => import("./onboard/onboard.ts")),
  bindCommand(defineCleanUp, () => import("./clean-up/clean-up.ts")),
  bindCommand(defineKeygen, () => import("./keygen/keygen.ts")),
  bindCommand(defineOpen, () => import("./open/open.ts")),
  bindCommand(defineStatus, () => import("./status/status.ts")),
  bindCommand(defineList, () => import("./list/list.ts")),
  bindCommand(defineShow, () => import("./show/show.ts")),
  groupCommands("audit", () => t`read the audit log, the record of every change`, [
    bindCommand(defineAuditShow, () => import("./audit/show.ts")),
    bindCommand(defineAuditVerify, () => import("./audit/verify.ts")),
  ]),
  bindCommand(defineRevoke, () => import("./revoke/revoke.ts")),
  bindCommand(defineReinstate, () => import("./reinstate/reinstate.ts")),
  bindCommand(defineRetire, () => import("./retire/retire.ts")),
  bindCommand(defineMove, () => import("./move/move.ts")),
  bindCommand(defineLabel, () => import("./label/label.ts")),
  bindCommand(defineReplace, () => import("./replace/replace.ts")),
  bindCommand(defineRotate, () => import("./rotate/rotate.ts")),
  bindCommand(defineSend, () => import("./send/send.ts")),
  bindCommand(defineRequest, () => import("./request/request.ts")),
  bindCommand(defineFiles, () => import("./files/files.ts")),
  bindCommand(defineRotateSigningKey, () => import("./rotate-signing-key/rotate-signing-key.ts")),
  bindCommand(defineEndpoints, () => import("./endpoints/endpoints.ts")),
  bindCommand(defineSheet, () => import("./sheet/sheet.ts")),
  bindCommand(defineSimulate, () => import("./simulate/simulate.ts")),
  bindCommand(defineWhoami, () => import("./whoami/whoami.ts")),
  bindCommand(defineDoctor, () => import("./doctor/doctor.ts")),
  bindCommand(defineCompletion, () => import("./completion/completion.ts")),
];
