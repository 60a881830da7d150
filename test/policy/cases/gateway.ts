import { type Change, named, type Refused, set } from "../changes.ts";

const inPolicy =
  (from: string | RegExp, to: string): Change =>
  (resources) => {
    const policy = String(named(resources, "flow-policy").properties.value);
    return set("flow-policy", "value", policy.replace(from, to))(resources);
  };

/** The gateway and its policy. */
export const gatewayCases: Refused[] = [
  [
    "tls-1-2",
    "flow-service",
    set("flow-service", "customProperties", {
      "Microsoft.WindowsAzure.ApiManagement.Gateway.Security.Protocols.Tls10": "True",
    }),
  ],
  ["https-only", "flow-api", set("flow-api", "protocols", ["https", "http"])],
  ["https-only", "flow-api", set("flow-api", "protocols", undefined)],
  ["https-only", "flow-api", set("flow-api", "serviceUrl", "http://flow.example.com")],
  ["https-only", "flow-backend", set("flow-backend", "url", "http://flow.example.com")],
  ["backend-certificate-checked", "flow-backend", set("flow-backend", "tls.validateCertificateName", false)],
  ["backend-certificate-checked", "flow-backend", set("flow-backend", "tls", undefined)],
  ["gateway-identity", "flow-service", set("flow-service", "identity", undefined)],
  ["gateway-identity", "flow-service", set("flow-service", "apiVersionConstraint", undefined)],
  ["api-needs-subscription", "flow-api", set("flow-api", "subscriptionRequired", false)],
  ["api-policy-keeps-both-doors", "flow-policy", inPolicy(/<outbound>\s*<base \/>/, "<outbound>")],
  ["api-policy-keeps-both-doors", "flow-policy", inPolicy(/<send-request[\s\S]*<\/send-request>/, "")],
  ["api-policy-keeps-both-doors", "flow-policy", inPolicy(/<set-header name="X-Terminal-Key" [^>]*>/, "")],
  ["api-policy-keeps-both-doors", "flow-policy", inPolicy(/<set-query-parameter [^>]*>/, "")],
  ["api-policy-keeps-both-doors", "flow-policy", inPolicy(/<rate-limit-by-key [^>]*>/g, "")],
  [
    "api-policy-keeps-both-doors",
    "flow-policy",
    inPolicy("<choose>", '<cache-lookup-value key="row" variable-name="row" /><choose>'),
  ],
  [
    "api-policy-keeps-both-doors",
    "flow-policy",
    inPolicy("<choose>", "<cors><allowed-origins><origin>*</origin></allowed-origins></cors><choose>"),
  ],
];
