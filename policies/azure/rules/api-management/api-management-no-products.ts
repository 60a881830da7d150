import { refuseType } from "../../engine/checks.ts";
import type { ResourceRule } from "../../engine/rule.ts";
import { microsoftLearn, psRule } from "../../engine/sources.ts";

const productTypes =
  /^azure-native:apimanagement:(Workspace)?Product(Api|ApiLink|GroupLink|Group|Policy|Wiki)?$/;

export const apiManagementNoProducts: ResourceRule = {
  id: "api-management-no-products",
  severity: "high",
  description: "The program declares no API Management product.",
  reason:
    "A product without a subscription lets calls without a key reach its APIs, whatever the API requires.",
  remedy: "Remove the resource; the command line creates customers' subscriptions for the API itself.",
  sources: [
    microsoftLearn("Products in API Management", "azure/api-management/api-management-howto-add-products"),
    psRule("AZR-000046", "Azure.APIM.ProductSubscription"),
    psRule("AZR-000047", "Azure.APIM.ProductApproval"),
    psRule("AZR-000048", "Azure.APIM.SampleProducts"),
    psRule("AZR-000049", "Azure.APIM.ProductDescriptors"),
    psRule("AZR-000050", "Azure.APIM.ProductTerms"),
  ],
  check: refuseType(productTypes, "a product can open an API to calls without a key"),
};
