import { isOff, requireProperty } from "../../engine/checks.ts";
import type { ResourceRule } from "../../engine/rule.ts";
import { microsoftLearn } from "../../engine/sources.ts";
import { types } from "../../engine/type-tokens.ts";

export const storageAccountNoNfs: ResourceRule = {
  id: "storage-account-no-nfs",
  severity: "high",
  description: "A storage account does not serve NFS.",
  reason: "NFS clients are authorized by their network address. Entra ID and file links do not control them.",
  remedy: "Set enableNfsV3 to false, or remove it.",
  sources: [microsoftLearn("NFS 3.0 support", "azure/storage/blobs/network-file-system-protocol-support")],
  check: { [types.storageAccount]: requireProperty("enableNfsV3", "false or absent", isOff) },
};
