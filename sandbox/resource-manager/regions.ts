interface Region {
  displayName: string;
  /** The region that geo-redundant copies go to; none in regions that stand alone. */
  pair?: string;
  /** Whether it has availability zones, which zone-redundant storage needs. */
  zones: boolean;
}

const zoned = (displayName: string, pair?: string): Region => ({ displayName, pair, zones: true });
const plain = (displayName: string, pair?: string): Region => ({ displayName, pair, zones: false });

/** Azure's public regions by short name. Source: Azure documentation, "List of Azure regions". */
const regions: Record<string, Region> = {
  australiacentral: plain("Australia Central", "australiacentral2"),
  australiaeast: zoned("Australia East", "australiasoutheast"),
  australiasoutheast: plain("Australia Southeast", "australiaeast"),
  austriaeast: zoned("Austria East"),
  belgiumcentral: zoned("Belgium Central"),
  brazilsouth: zoned("Brazil South", "southcentralus"),
  canadacentral: zoned("Canada Central", "canadaeast"),
  canadaeast: plain("Canada East", "canadacentral"),
  centralindia: zoned("Central India", "southindia"),
  centralus: zoned("Central US", "eastus2"),
  eastasia: zoned("East Asia", "southeastasia"),
  eastus: zoned("East US", "westus"),
  eastus2: zoned("East US 2", "centralus"),
  francecentral: zoned("France Central", "francesouth"),
  germanywestcentral: zoned("Germany West Central", "germanynorth"),
  italynorth: zoned("Italy North"),
  japaneast: zoned("Japan East", "japanwest"),
  japanwest: zoned("Japan West", "japaneast"),
  koreacentral: zoned("Korea Central", "koreasouth"),
  northcentralus: plain("North Central US", "southcentralus"),
  northeurope: zoned("North Europe", "westeurope"),
  norwayeast: zoned("Norway East", "norwaywest"),
  norwaywest: plain("Norway West", "norwayeast"),
  polandcentral: zoned("Poland Central"),
  southafricanorth: zoned("South Africa North", "southafricawest"),
  southcentralus: zoned("South Central US", "northcentralus"),
  southeastasia: zoned("Southeast Asia", "eastasia"),
  southindia: plain("South India", "centralindia"),
  spaincentral: zoned("Spain Central"),
  swedencentral: zoned("Sweden Central", "swedensouth"),
  switzerlandnorth: zoned("Switzerland North", "switzerlandwest"),
  switzerlandwest: plain("Switzerland West", "switzerlandnorth"),
  uaenorth: zoned("UAE North", "uaecentral"),
  uksouth: zoned("UK South", "ukwest"),
  ukwest: plain("UK West", "uksouth"),
  westcentralus: plain("West Central US", "westus2"),
  westeurope: zoned("West Europe", "northeurope"),
  westus: plain("West US", "eastus"),
  westus2: zoned("West US 2", "westcentralus"),
  westus3: zoned("West US 3", "eastus"),
};

/** Every region's short name, in alphabetical order. */
export const allRegions: string[] = Object.keys(regions);

/** "West Europe", "WestEurope" and "westeurope" are one region to Azure; the short name is what it stores. */
export function normalizeLocation(location: string): string {
  return location.toLowerCase().replaceAll(" ", "");
}

/** The facts of a region, by short or display name; undefined when Azure has no such region. */
export function region(location: string): Region | undefined {
  const name = normalizeLocation(location);
  return Object.hasOwn(regions, name) ? regions[name] : undefined;
}
