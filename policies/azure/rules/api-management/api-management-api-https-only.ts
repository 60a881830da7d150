import { allOf, requireProperty } from "../../engine/checks.ts";
import type { ResourceRule } from "../../engine/rule.ts";
import { azurePolicy, psRule } from "../../engine/sources.ts";
import { types } from "../../engine/type-tokens.ts";
import { listItems } from "../../engine/value.ts";
import { isHttpsUrl } from "./https-url.ts";

export const apiManagementApiHttpsOnly: ResourceRule = {
  id: "api-management-api-https-only",
  severity: "critical",
  description: "An API refuses plain HTTP, and does not call its service over plain HTTP.",
  reason: "Subscription keys and Flow keys are readable on the way over plain HTTP.",
  remedy: 'Set protocols to ["https"], and serviceUrl to an https URL.',
  sources: [
    psRule("AZR-000042", "Azure.APIM.HTTPEndpoint"),
    psRule("AZR-000044", "Azure.APIM.HTTPBackend"),
    azurePolicy("ee7495e7-3ba7-40b6-bfee-c29e22cc75d4"),
  ],
  check: {
    [types.api]: allOf(
      requireProperty("protocols", '["https"]', (value) => {
        const protocols = listItems(value);
        return protocols.length > 0 && protocols.every((protocol) => protocol === "https");
      }),
      requireProperty("serviceUrl", "an https URL or absent", (url) => url === undefined || isHttpsUrl(url)),
    ),
  },
};
