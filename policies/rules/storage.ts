import { all, mustBe, property, type ResourceRule } from "../engine/rule.ts";
import { types } from "../engine/type-tokens.ts";
import { isEmpty, type Value } from "../engine/value.ts";

/** Days of a period written as DD.HH:MM:SS; undefined where it is not one. */
export function periodDays(value: Value): number | undefined {
  const match = /^(\d+)\.(\d\d):(\d\d):(\d\d)$/.exec(String(value));
  if (!match) return undefined;
  const [days, hours, minutes, seconds] = match.slice(1).map(Number) as [number, number, number, number];
  return days + hours / 24 + minutes / 1440 + seconds / 86_400;
}

export const between = (least: number, most: number) => (value: Value) =>
  typeof value === "number" && value >= least && value <= most;

/** Who gets at stored data, with what, and for how long. */
export const storageRules: ResourceRule[] = [
  {
    name: "sas-lifetime",
    reason: "A file's key is promised to be valid for 30 days at most.",
    remedy: 'Set sasPolicy to {sasExpirationPeriod: "30.00:00:00" or less, expirationAction: "Block"}.',
    sources: ["CKV2_AZURE_41", "Azure Policy bc1b984e", "design: files"],
    check: {
      [types.storageAccount]: all(
        property("sasPolicy.sasExpirationPeriod", "a period of at most 30.00:00:00", (value) => {
          const days = periodDays(value);
          return days !== undefined && days > 0 && days <= 30;
        }),
        mustBe("sasPolicy.expirationAction", "Block"),
      ),
    },
  },
  {
    name: "key-expiry",
    reason: "An account key that is never renewed stays open to everybody who ever saw it.",
    remedy: "Set keyPolicy.keyExpirationPeriodInDays to 90 or less, and rotate the signing key.",
    sources: ["Azure Policy 044985bb"],
    check: {
      [types.storageAccount]: property("keyPolicy.keyExpirationPeriodInDays", "1 to 90", between(1, 90)),
    },
  },
  {
    name: "no-public-access",
    reason: "Files hold employees' data; nobody may read them without a key.",
    remedy: "Set allowBlobPublicAccess to false, and a container's publicAccess to None.",
    sources: [
      "AZR-000198",
      "CKV_AZURE_190",
      "CKV2_AZURE_47",
      "Azure Policy 4fa4b6c0",
      "AZR-000199",
      "CKV_AZURE_34",
    ],
    check: {
      [types.storageAccount]: mustBe("allowBlobPublicAccess", false),
      [types.container]: property(
        "publicAccess",
        '"None" or absent',
        (value) => value === undefined || value === "None",
      ),
    },
  },
  {
    name: "no-other-ways-into-storage",
    reason:
      "Local users, SFTP, NFS, other tenants and copies to elsewhere go around Entra ID and the files' keys.",
    remedy: "Set each of them to what the message asks for.",
    sources: [
      "CKV_AZURE_244",
      "Azure Policy 92a89a79",
      "CKV_AZURE_36",
      "Azure Policy c9d007d0",
      "Azure Verified Modules",
    ],
    check: {
      [types.storageAccount]: all(
        mustBe("isLocalUserEnabled", false),
        mustBe("allowCrossTenantReplication", false),
        property("isSftpEnabled", "false", (value) => value !== true),
        property("enableNfsV3", "false", (value) => value !== true),
        property("allowedCopyScope", '"AAD" or "PrivateLink"', (value) =>
          ["AAD", "PrivateLink"].includes(String(value)),
        ),
        property("networkRuleSet.bypass", "AzureServices among others", (value) =>
          /AzureServices/.test(String(value)),
        ),
      ),
    },
  },
  {
    name: "infrastructure-encryption",
    reason: "A second layer of encryption can be chosen only when the account is made.",
    remedy: "Set encryption.requireInfrastructureEncryption to true.",
    sources: ["Azure Policy 4733ea7b"],
    check: { [types.storageAccount]: mustBe("encryption.requireInfrastructureEncryption", true) },
  },
  {
    name: "no-web-pages-at-the-files",
    reason:
      "Terminals are no browsers; with CORS, whatever page an operator opens may use the keys it gets hold of.",
    remedy: "Leave cors away.",
    sources: ["design: files"],
    check: { [types.blobService]: property("cors.corsRules", "absent or empty", isEmpty) },
  },
  {
    name: "table-opens-to-entra-id-only",
    reason:
      "A table's stored access policy would let shared access signatures in, where Entra ID alone is the rule.",
    remedy: "Leave signedIdentifiers away.",
    sources: ["design: flow ingress"],
    check: {
      [types.table]: property("signedIdentifiers", "absent", isEmpty),
    },
  },
];
