import { knownTypes, norwayEast, westEurope } from "../allowlists/resource-types.ts";
import { all, type Check, property, type ResourceRule } from "../engine/rule.ts";
import { isAzure, types } from "../engine/type-tokens.ts";
import { at, isEmpty, unknown, type Value } from "../engine/value.ts";

/** Azure takes "West Europe" and "westeurope" for the same region. */
const normalised = (value: Value) =>
  String(value ?? "")
    .toLowerCase()
    .replaceAll(" ", "");

/** Finds fault with a location that is none of these, or is missing. */
export const located = (regions: string[]): Check =>
  property("location", regions.join(" or "), (value) => regions.includes(normalised(value)));

const geoReplicated = /(GRS|GZRS)$/;

/** Letters that a reason has at least, as in the settings. */
const shortestReason = 20;

/** Where a resource may be, by its type; a type that takes no location, as far as is known, may still have none. */
const inItsRegion: Check = (resource) => {
  const regions = knownTypes[resource.type]?.regions;
  if (regions) return located(regions)(resource);
  const isPlaced = isAzure(resource.type) && at(resource.properties, "location") !== undefined;
  return isPlaced ? located([westEurope, norwayEast])(resource) : [];
};

/** Personal data stays in West Europe, the Flow API's door is in Norway East, and nothing is anywhere else. */
export const regionRules: ResourceRule[] = [
  {
    name: "allowed-regions",
    reason:
      "Customers are promised West Europe for the hub, files and logs, and Norway East for live lookups.",
    remedy: "Put it into the region that its purpose has.",
    sources: ["AZR-000167", "Azure Policy e56962a6", "design: regions"],
    check: all(inItsRegion, property("additionalLocations", "absent or empty", isEmpty)),
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
        if (sku === unknown || reason === unknown || !geoReplicated.test(String(sku))) return [];
        if (String(reason ?? "").trim().length >= shortestReason) return [];
        return [
          `sku.name is "${String(sku)}" without a reason of ${shortestReason} letters in the tag geoReplicationReason.`,
        ];
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
