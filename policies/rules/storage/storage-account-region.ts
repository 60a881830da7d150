import type { StackRule } from "../../azure/engine/rule.ts";
import { azurePolicy, psRule } from "../../azure/engine/sources.ts";
import { requireRegion } from "../../azure/rules/stack/region.ts";
import { checkByPurpose } from "./account-requirements.ts";

export const storageAccountRegion: StackRule = {
  id: "storage-account-region",
  severity: "high",
  description: "The key table's account is in Norway East, every other storage account in West Europe.",
  reason: "Files, the audit log and imports are personal data, which stays in West Europe.",
  remedy: "Set location to the region of what the account holds.",
  sources: [
    psRule("AZR-000167", "Azure.Resource.AllowedRegions"),
    azurePolicy("e56962a6-4747-49cd-b67b-bf8b01975c4c"),
  ],
  checkStack: checkByPurpose(({ region }) => requireRegion([region])),
};
