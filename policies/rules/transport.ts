import { all, mustBe, property, type ResourceRule } from "../engine/rule.ts";
import { types } from "../engine/type-tokens.ts";
import { items } from "../engine/value.ts";

const isHttps = (value: unknown) => typeof value === "string" && value.startsWith("https://");

/** What goes over the network is encrypted, and the other end is checked. */
export const transportRules: ResourceRule[] = [
  {
    name: "tls-1-2",
    reason: "Terminals are promised TLS 1.2 or newer; older versions can be broken.",
    remedy: "Set the minimum to TLS 1.2, and leave older versions off.",
    sources: ["AZR-000200", "CKV_AZURE_44", "Azure Policy fe83a0eb", "AZR-000357"],
    check: {
      [types.storageAccount]: mustBe("minimumTlsVersion", "TLS1_2"),
      [types.hub]: mustBe("properties.minTlsVersion", "1.2"),
    },
  },
  {
    name: "https-only",
    reason: "Keys and personal data go over these connections.",
    remedy: "Allow https and nothing else.",
    sources: [
      "AZR-000196",
      "CKV_AZURE_3",
      "Azure Policy 404c3081",
      "AZR-000042",
      "Azure Policy ee7495e7",
      "AZR-000044",
      "CKV_AZURE_215",
    ],
    check: {
      [types.storageAccount]: mustBe("enableHttpsTrafficOnly", true),
      [types.api]: all(
        property(
          "protocols",
          '["https"]',
          (value) => items(value).length > 0 && items(value).every((protocol) => protocol === "https"),
        ),
        property("serviceUrl", "an https URL or absent", (url) => url === undefined || isHttps(url)),
      ),
      [types.backend]: property("url", "an https URL", isHttps),
    },
  },
  {
    name: "backend-certificate-checked",
    reason: "A gateway that takes any certificate hands terminals' calls to whoever stands in between.",
    remedy: "Set tls.validateCertificateChain and tls.validateCertificateName to true.",
    sources: ["Azure Policy 92bb331d"],
    check: {
      [types.backend]: all(
        mustBe("tls.validateCertificateChain", true),
        mustBe("tls.validateCertificateName", true),
      ),
    },
  },
];
