import { allOf, requireValue } from "../../engine/checks.ts";
import type { ResourceRule } from "../../engine/rule.ts";
import { azurePolicy } from "../../engine/sources.ts";
import { types } from "../../engine/type-tokens.ts";

export const apiManagementBackendCertificate: ResourceRule = {
  id: "api-management-backend-certificate",
  severity: "high",
  description: "The gateway verifies a backend's certificate: its chain and its name.",
  reason:
    "A gateway that accepts any certificate sends terminals' calls to an attacker between it and the Flow API.",
  remedy: "Set tls.validateCertificateChain and tls.validateCertificateName to true.",
  sources: [azurePolicy("92bb331d-ac71-416a-8c91-02f2cb734ce4")],
  check: {
    [types.backend]: allOf(
      requireValue("tls.validateCertificateChain", true),
      requireValue("tls.validateCertificateName", true),
    ),
  },
};
