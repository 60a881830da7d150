import type { Check } from "../check.ts";
import { azurePolicyCheck } from "./azure-policy.ts";
import { directoryRoleCheck } from "./directory-roles.ts";
import { flowApplicationCheck } from "./flow-application.ts";
import { groupNameCheck } from "./group-name.ts";
import { nameCheck } from "./names.ts";
import { regionCheck } from "./region.ts";
import { resourceProviderCheck } from "./resource-providers.ts";
import { rightsCheck } from "./rights.ts";
import { skuCheck } from "./skus.ts";
import { softDeletedCheck } from "./soft-deleted.ts";
import { subscriptionCheck } from "./subscription.ts";

/** All checks, in the order of the report. */
export const checks: readonly Check[] = [
  subscriptionCheck,
  regionCheck,
  skuCheck,
  resourceProviderCheck,
  rightsCheck,
  directoryRoleCheck,
  azurePolicyCheck,
  nameCheck,
  groupNameCheck,
  flowApplicationCheck,
  softDeletedCheck,
];
