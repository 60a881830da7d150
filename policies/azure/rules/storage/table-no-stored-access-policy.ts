import { requireProperty } from "../../engine/checks.ts";
import type { ResourceRule } from "../../engine/rule.ts";
import { microsoftLearn } from "../../engine/sources.ts";
import { types } from "../../engine/type-tokens.ts";
import { isEmpty } from "../../engine/value.ts";

export const tableNoStoredAccessPolicy: ResourceRule = {
  id: "table-no-stored-access-policy",
  severity: "high",
  description: "A table has no stored access policy.",
  reason:
    "Only Entra ID gives access to the key table. A stored access policy is for shared access signatures.",
  remedy: "Remove signedIdentifiers.",
  sources: [
    microsoftLearn("Define a stored access policy", "rest/api/storageservices/define-stored-access-policy"),
  ],
  check: { [types.table]: requireProperty("signedIdentifiers", "absent or empty", isEmpty) },
};
