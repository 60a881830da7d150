import { requireValue } from "../../azure/engine/checks.ts";
import type { StackRule } from "../../azure/engine/rule.ts";
import { azurePolicy, checkov, microsoftLearn, psRuleByName } from "../../azure/engine/sources.ts";
import { checkByPurpose } from "./account-requirements.ts";

export const storageAccountSharedKeyAccess: StackRule = {
  id: "storage-account-shared-key-access",
  severity: "high",
  description: "Account keys are on for files and import jobs, and off in every other storage account.",
  reason:
    "An account key gives access to the whole account. Only 30-day file links and import jobs need one.",
  remedy: "Set allowSharedKeyAccess to the required value; where it is false, sign in with Entra ID.",
  sources: [
    psRuleByName("Azure.Storage.LocalAuth"),
    checkov("CKV2_AZURE_40"),
    azurePolicy("8c6a50c6-9ffd-4ae7-986f-5fa6111f9a54"),
    microsoftLearn("Shared Key authorization", "azure/storage/common/shared-key-authorization-prevent"),
  ],
  checkStack: checkByPurpose(({ sharedKeyAccess }) => requireValue("allowSharedKeyAccess", sharedKeyAccess)),
};
