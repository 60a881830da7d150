import { type Refused, set } from "../changes.ts";

/** Where something may be, and with which tags. */
export const placeCases: Refused[] = [
  ["allowed-regions", "terminals-hub", set("terminals-hub", "location", "northeurope")],
  ["allowed-regions", "terminals-hub", set("terminals-hub", "location", "norwayeast")],
  ["allowed-regions", "files-account", set("files-account", "location", "Norway East")],
  ["allowed-regions", "flow-service", set("flow-service", "location", "westeurope")],
  ["allowed-regions", "flow-service", set("flow-service", "additionalLocations", [{ location: "eastus" }])],
  ["allowed-regions", "flow", set("flow", "location", "swedencentral")],
  ["allowed-regions", "observability-workspace", set("observability-workspace", "location", undefined)],
  ["no-copy-in-another-region", "files-account", set("files-account", "sku.name", "Standard_GZRS")],
  ["no-copy-in-another-region", "files-account", set("files-account", "sku.name", "Standard_RAGZRS")],
  [
    "no-copy-in-another-region",
    "observability-workspace",
    set("observability-workspace", "replication", { enabled: true, location: "northeurope" }),
  ],
  ["zone-redundant", "flow-keys-account", set("flow-keys-account", "sku.name", "Standard_LRS")],
  ["required-tags", "terminals-hub", set("terminals-hub", "tags.owner", undefined)],
  ["required-tags", "terminals", set("terminals", "tags", undefined)],
  ["required-tags", "observability-alerts-people", set("observability-alerts-people", "tags.costCentre", "")],
];
