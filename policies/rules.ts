import type { Rule } from "./engine/rule.ts";
import { accountRules } from "./rules/accounts.ts";
import { apiPolicyRules, apiPolicyStackRules } from "./rules/api-policies.ts";
import { auditRules, auditStackRules } from "./rules/audit.ts";
import { diagnosticsRules, logRules } from "./rules/diagnostics.ts";
import { fileRules } from "./rules/files.ts";
import { gatewayRules } from "./rules/gateway.ts";
import { grantRules } from "./rules/grants.ts";
import { hubRules, hubStackRules } from "./rules/hub.ts";
import { identityRules, identityStackRules } from "./rules/identities.ts";
import { knownTypeRules } from "./rules/known-types.ts";
import { nameRules } from "./rules/names.ts";
import { outputRules } from "./rules/outputs.ts";
import { previewRules } from "./rules/previews.ts";
import { regionRules } from "./rules/regions.ts";
import { roleRules } from "./rules/roles.ts";
import { secretRules } from "./rules/secrets.ts";
import { storageRules } from "./rules/storage.ts";
import { tagRules } from "./rules/tags.ts";
import { transportRules } from "./rules/transport.ts";
import { waiverRules } from "./rules/waivers.ts";

/** Every rule of the pack: those on single resources first, then those on the stack as a whole. */
export const rules: Rule[] = [
  ...knownTypeRules,
  ...transportRules,
  ...regionRules,
  ...tagRules,
  ...nameRules,
  ...storageRules,
  ...auditRules,
  ...logRules,
  ...hubRules,
  ...gatewayRules,
  ...apiPolicyRules,
  ...roleRules,
  ...identityRules,
  ...secretRules,

  ...accountRules,
  ...fileRules,
  ...auditStackRules,
  ...hubStackRules,
  ...apiPolicyStackRules,
  ...grantRules,
  ...identityStackRules,
  ...diagnosticsRules,
  ...outputRules,
  ...waiverRules,
  // Tells what the rules before it could not read.
  ...previewRules,
];
