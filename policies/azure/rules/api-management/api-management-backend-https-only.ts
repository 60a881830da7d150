import { requireProperty } from "../../engine/checks.ts";
import type { ResourceRule } from "../../engine/rule.ts";
import { checkov, psRule } from "../../engine/sources.ts";
import { types } from "../../engine/type-tokens.ts";
import { isHttpsUrl } from "./https-url.ts";

export const apiManagementBackendHttpsOnly: ResourceRule = {
  id: "api-management-backend-https-only",
  severity: "critical",
  description: "The gateway calls a backend over HTTPS only.",
  reason: "The gateway's token and personal data are readable on the way over plain HTTP.",
  remedy: "Set url to an https URL.",
  sources: [psRule("AZR-000044", "Azure.APIM.HTTPBackend"), checkov("CKV_AZURE_215")],
  check: { [types.backend]: requireProperty("url", "an https URL", isHttpsUrl) },
};
