import { allOf, isOff, requireProperty, requireValue } from "../../engine/checks.ts";
import type { ResourceRule } from "../../engine/rule.ts";
import { checkov, microsoftLearn } from "../../engine/sources.ts";
import { types } from "../../engine/type-tokens.ts";

export const storageAccountNoLocalUsers: ResourceRule = {
  id: "storage-account-no-local-users",
  severity: "high",
  description: "A storage account has no local users and no SFTP.",
  reason: "Local users sign in with passwords of the account. Entra ID and file links do not control them.",
  remedy: "Set isLocalUserEnabled to false, and remove isSftpEnabled.",
  sources: [
    checkov("CKV_AZURE_244"),
    microsoftLearn("SFTP support", "azure/storage/blobs/secure-file-transfer-protocol-support"),
  ],
  check: {
    [types.storageAccount]: allOf(
      requireValue("isLocalUserEnabled", false),
      requireProperty("isSftpEnabled", "false or absent", isOff),
    ),
  },
};
