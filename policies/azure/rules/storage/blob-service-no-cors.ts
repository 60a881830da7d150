import { requireProperty } from "../../engine/checks.ts";
import type { ResourceRule } from "../../engine/rule.ts";
import { microsoftLearn } from "../../engine/sources.ts";
import { types } from "../../engine/type-tokens.ts";
import { isEmpty } from "../../engine/value.ts";

export const blobServiceNoCors: ResourceRule = {
  id: "blob-service-no-cors",
  severity: "medium",
  description: "A blob service has no CORS rule.",
  reason: "Terminals are no browsers. With CORS, a web page that an operator opens could use a file link.",
  remedy: "Remove cors.",
  sources: [
    microsoftLearn(
      "CORS support for Azure Storage",
      "rest/api/storageservices/cross-origin-resource-sharing--cors--support-for-the-azure-storage-services",
    ),
  ],
  check: { [types.blobService]: requireProperty("cors.corsRules", "absent or empty", isEmpty) },
};
