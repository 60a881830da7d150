import type { Rule } from "./rule.ts";
import { auditRules, auditStackRules } from "./rules/audit.ts";
import { completenessRules } from "./rules/completeness.ts";
import { gatewayRules } from "./rules/gateway.ts";
import { hubRules } from "./rules/hub.ts";
import { regionRules } from "./rules/regions.ts";
import { roleRules } from "./rules/roles.ts";
import { secretRules, secretStackRules } from "./rules/secrets.ts";
import { storageRules } from "./rules/storage.ts";
import { tagRules } from "./rules/tags.ts";
import { transportRules } from "./rules/transport.ts";
import { waiverRules } from "./rules/waivers.ts";

/** Every rule of the pack. */
export const rules: Rule[] = [
  ...transportRules,
  ...regionRules,
  ...storageRules,
  ...auditRules,
  ...hubRules,
  ...gatewayRules,
  ...roleRules,
  ...tagRules,
  ...secretRules,
  ...secretStackRules,
  ...completenessRules,
  ...auditStackRules,
  ...waiverRules,
];
