import { allowedTypes } from "./allowlists/resource-types.ts";
import type { Adaptations } from "./azure/rules.ts";

/** Allowed locations of each type that has one. */
const regionsByType = Object.fromEntries(
  Object.entries(allowedTypes).flatMap(([type, { regions }]) => (regions ? [[type, regions]] : [])),
);

/** What this program demands of the rules for any program: its regions, tags and periods, and its own words. */
export const adaptations: Adaptations = {
  "resource-region": {
    settings: { regions: ["westeurope", "norwayeast"], regionsByType },
    description:
      "Every resource is in West Europe, or in Norway East where policies/allowlists/resource-types.ts allows it.",
    reason:
      "Customers are promised West Europe for files, logs and the IoT Hub, and Norway East for live lookups.",
  },
  "resource-required-tags": {
    settings: { tags: ["owner", "costCentre", "environment", "application"] },
    remedy: "Pass the component the tags that index.ts builds from the stack's settings.",
  },
  "role-assignment-stable-name": { remedy: "Use assignRole of components/roles.ts." },
  "storage-account-no-geo-replication": {
    reason: "A replica in another region takes personal data out of West Europe.",
    remedy:
      "Use Standard_ZRS, or set filesGeoReplicationReason in the stack's settings, which tags the account.",
  },
  "storage-account-sas-lifetime": {
    settings: { maximumDays: 30 },
    description: "A storage account blocks shared access signatures that are valid for more than 30 days.",
    reason: "Customers are promised that a file link is valid for 30 days at most.",
    remedy: 'Set sasPolicy to {sasExpirationPeriod: "30.00:00:00" or less, expirationAction: "Block"}.',
  },
  "storage-account-key-expiry": { settings: { maximumDays: 90 } },
  "audit-container-append-only": { settings: { minimumDays: 30 } },
  "log-analytics-retention": { settings: { minimumDays: 30, maximumDays: 730 } },
  "stack-preview-unknown-values": {
    remedy:
      "Run `npm run judge`, where every value is known; an update also checks each value before it uses it.",
  },
};
