import { requireProperty } from "../../engine/checks.ts";
import type { ResourceRule } from "../../engine/rule.ts";
import { checkov, psRule } from "../../engine/sources.ts";
import { types } from "../../engine/type-tokens.ts";

export const blobContainerNoPublicAccess: ResourceRule = {
  id: "blob-container-no-public-access",
  severity: "critical",
  description: "A blob container is private.",
  reason: "A public container shows its blobs, or their names, to everyone.",
  remedy: 'Set publicAccess to "None", or remove it.',
  sources: [psRule("AZR-000199", "Azure.Storage.BlobAccessType"), checkov("CKV_AZURE_34")],
  check: {
    [types.blobContainer]: requireProperty(
      "publicAccess",
      '"None" or absent',
      (value) => value === undefined || value === "None",
    ),
  },
};
