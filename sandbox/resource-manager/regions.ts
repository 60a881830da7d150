interface Region {
  displayName: string;
  /** The region of geo-redundant copies; undefined for a region without a pair. */
  pair?: string;
  /** Whether it has availability zones, which zone-redundant storage needs. */
  zones: boolean;
}

const withZones = (displayName: string, pair?: string): Region => ({ displayName, pair, zones: true });
const withoutZones = (displayName: string, pair?: string): Region => ({ displayName, pair, zones: false });

/** Azure's public regions, by short name. Source: Azure documentation, "List of Azure regions". */
const regions: Record<string, Region> = {
  australiacentral: withoutZones("Australia Central", "australiacentral2"),
  australiaeast: withZones("Australia East", "australiasoutheast"),
  australiasoutheast: withoutZones("Australia Southeast", "australiaeast"),
  austriaeast: withZones("Austria East"),
  belgiumcentral: withZones("Belgium Central"),
  brazilsouth: withZones("Brazil South", "southcentralus"),
  canadacentral: withZones("Canada Central", "canadaeast"),
  canadaeast: withoutZones("Canada East", "canadacentral"),
  centralindia: withZones("Central India", "southindia"),
  centralus: withZones("Central US", "eastus2"),
  eastasia: withZones("East Asia", "southeastasia"),
  eastus: withZones("East US", "westus"),
  eastus2: withZones("East US 2", "centralus"),
  francecentral: withZones("France Central", "francesouth"),
  germanywestcentral: withZones("Germany West Central", "germanynorth"),
  italynorth: withZones("Italy North"),
  japaneast: withZones("Japan East", "japanwest"),
  japanwest: withZones("Japan West", "japaneast"),
  koreacentral: withZones("Korea Central", "koreasouth"),
  northcentralus: withoutZones("North Central US", "southcentralus"),
  northeurope: withZones("North Europe", "westeurope"),
  norwayeast: withZones("Norway East", "norwaywest"),
  norwaywest: withoutZones("Norway West", "norwayeast"),
  polandcentral: withZones("Poland Central"),
  southafricanorth: withZones("South Africa North", "southafricawest"),
  southcentralus: withZones("South Central US", "northcentralus"),
  southeastasia: withZones("Southeast Asia", "eastasia"),
  southindia: withoutZones("South India", "centralindia"),
  spaincentral: withZones("Spain Central"),
  swedencentral: withZones("Sweden Central", "swedensouth"),
  switzerlandnorth: withZones("Switzerland North", "switzerlandwest"),
  switzerlandwest: withoutZones("Switzerland West", "switzerlandnorth"),
  uaenorth: withZones("UAE North", "uaecentral"),
  uksouth: withZones("UK South", "ukwest"),
  ukwest: withoutZones("UK West", "uksouth"),
  westcentralus: withoutZones("West Central US", "westus2"),
  westeurope: withZones("West Europe", "northeurope"),
  westus: withoutZones("West US", "eastus"),
  westus2: withZones("West US 2", "westcentralus"),
  westus3: withZones("West US 3", "eastus"),
};

/** The short names of all regions, in alphabetical order. */
export const allRegions: string[] = Object.keys(regions);

/** The short name of a region, which Azure stores: westeurope for "West Europe" or "WestEurope". */
export function normalizeLocation(location: string): string {
  return location.toLowerCase().replaceAll(" ", "");
}

/** A region by its short or display name; undefined when Azure has no such region. */
export function region(location: string): Region | undefined {
  const name = normalizeLocation(location);
  return Object.hasOwn(regions, name) ? regions[name] : undefined;
}

/** Beginnings of regions' names, with the geography group that Azure lists them in. */
const geographies: [start: string, group: string][] = [
  ["australia", "Asia Pacific"],
  ["brazil", "South America"],
  ["canada", "Canada"],
  ["centralindia", "Asia Pacific"],
  ["eastasia", "Asia Pacific"],
  ["japan", "Asia Pacific"],
  ["korea", "Asia Pacific"],
  ["southafrica", "Africa"],
  ["southeastasia", "Asia Pacific"],
  ["southindia", "Asia Pacific"],
  ["uae", "Middle East"],
];

/** The geography group of a region, for example Europe. Source: REST reference, Subscriptions "List Locations". */
export function geographyOf(name: string): string {
  const listed = geographies.find(([start]) => name.startsWith(start));
  if (listed) return listed[1];
  return /us\d?$/.test(name) ? "US" : "Europe";
}
