import { all, property, type ResourceRule } from "../rule.ts";
import { types } from "../types.ts";
import { at, unknown, type Value } from "../value.ts";

const westEurope = ["westeurope"];
const norwayEast = ["norwayeast"];
const either = [...westEurope, ...norwayEast];

/** Azure takes "West Europe" and "westeurope" for the same region. */
const normalised = (value: Value) =>
  String(value ?? "")
    .toLowerCase()
    .replaceAll(" ", "");

const located = (regions: string[]) =>
  property("location", regions.join(" or "), (value) => regions.includes(normalised(value)));

const holdsFiles = (sharedKeyAccess: Value) => sharedKeyAccess !== false && sharedKeyAccess !== unknown;

const geoReplicated = /(GRS|GZRS)$/;

/** Personal data stays in West Europe, the Flow API's door is in Norway East, and nothing is anywhere else. */
export const regionRules: ResourceRule[] = [
  {
    name: "allowed-regions",
    reason:
      "Customers are promised West Europe for the hub, files and logs, and Norway East for live lookups.",
    remedy: "Put it into the region that its purpose has.",
    sources: ["AZR-000167", "Azure Policy e56962a6", "design: regions"],
    check: {
      [types.resourceGroup]: located(either),
      [types.hub]: located(westEurope),
      [types.workspace]: located(westEurope),
      [types.logAlert]: located(westEurope),
      [types.gateway]: all(
        located(norwayEast),
        property(
          "additionalLocations",
          "absent or empty",
          (value) => value === undefined || (Array.isArray(value) && value.length === 0),
        ),
      ),
      // Only the account that holds files opens to account keys, and files are personal data.
      [types.storageAccount]: (account) =>
        located(holdsFiles(at(account.properties, "allowSharedKeyAccess")) ? westEurope : either)(account),
      // These two hold no data of their own and exist only as global resources.
      [types.metricAlert]: located(["global"]),
      [types.actionGroup]: located(["global"]),
    },
  },
  {
    name: "no-copy-in-another-region",
    reason: "A copy in another region takes personal data out of West Europe.",
    remedy: "Use Standard_ZRS, or say why not in filesGeoReplicationReason, which tags the account.",
    sources: ["design: regions", "Azure Policy Storage_storageAccounts_ZoneRedundant", "AZR-000425"],
    check: {
      [types.storageAccount]: ({ properties }) => {
        const sku = at(properties, "sku.name");
        const reason = at(properties, "tags.geoReplicationReason");
        if (sku === unknown || reason === unknown || !geoReplicated.test(String(sku)) || reason) return [];
        return [`sku.name is "${String(sku)}" without the tag geoReplicationReason.`];
      },
      [types.workspace]: property("replication", "absent", (value) => value === undefined),
    },
  },
  {
    name: "zone-redundant",
    reason: "One data centre that fails must not stop the terminals.",
    remedy: "Use a redundancy with ZRS in its name.",
    sources: ["Azure Policy Storage_storageAccounts_ZoneRedundant"],
    check: {
      [types.storageAccount]: property("sku.name", "zone-redundant", (sku) =>
        /_(GZRS|RAGZRS|ZRS)$/.test(String(sku)),
      ),
    },
  },
];
