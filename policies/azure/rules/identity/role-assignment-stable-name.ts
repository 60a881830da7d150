import { requireProperty } from "../../engine/checks.ts";
import type { ResourceRule } from "../../engine/rule.ts";
import { verifiedModule } from "../../engine/sources.ts";
import { types } from "../../engine/type-tokens.ts";
import { nameBasedGuid } from "./role-definition-id.ts";

export const roleAssignmentStableName: ResourceRule = {
  id: "role-assignment-stable-name",
  severity: "low",
  description: "The name of a role assignment is a GUID that is derived from scope, principal and role.",
  reason: "With a random name, a repeated deployment fails: Azure accepts an assignment only once.",
  remedy: "Set roleAssignmentName to a GUID of version 5 that is made of scope, principal and role.",
  sources: [verifiedModule("storage/storage-account")],
  check: {
    [types.roleAssignment]: requireProperty("roleAssignmentName", "a GUID of version 5", (value) =>
      nameBasedGuid.test(String(value)),
    ),
  },
};
