import { requireProperty } from "../../engine/checks.ts";
import type { ResourceRule } from "../../engine/rule.ts";
import { microsoftLearn } from "../../engine/sources.ts";
import { types } from "../../engine/type-tokens.ts";

const scopes = ["AAD", "PrivateLink"];

export const storageAccountCopyScope: ResourceRule = {
  id: "storage-account-copy-scope",
  severity: "medium",
  description: "A storage account accepts copies only from its own Entra ID tenant or private network.",
  reason: "Copy operations without a scope move blobs between accounts of any organisation.",
  remedy: 'Set allowedCopyScope to "AAD" or "PrivateLink".',
  sources: [
    microsoftLearn(
      "Permitted scope for copy operations",
      "azure/storage/common/security-restrict-copy-operations",
    ),
  ],
  check: {
    [types.storageAccount]: requireProperty("allowedCopyScope", '"AAD" or "PrivateLink"', (value) =>
      scopes.includes(String(value)),
    ),
  },
};
