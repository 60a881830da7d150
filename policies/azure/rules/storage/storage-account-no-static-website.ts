import { refuseType } from "../../engine/checks.ts";
import type { ResourceRule } from "../../engine/rule.ts";
import { microsoftLearn, psRule } from "../../engine/sources.ts";
import { staticWebsite } from "../stack/refused-types.ts";

export const storageAccountNoStaticWebsite: ResourceRule = {
  id: "storage-account-no-static-website",
  severity: "critical",
  description: "A storage account serves no static website.",
  reason: "The container $web of a static website is public, whatever the access settings are.",
  remedy: "Remove the resource.",
  sources: [
    psRule("AZR-000199", "Azure.Storage.BlobAccessType"),
    microsoftLearn("Static website hosting", "azure/storage/blobs/storage-blob-static-website"),
  ],
  check: refuseType(staticWebsite, "its container $web is always public"),
};
