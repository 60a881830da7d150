import {
  logicalName,
  managedResources,
  type StackState,
  type StateResource,
} from "../deployment/stack-state.ts";
import type { ResidencyRow } from "../report/report.ts";

/** What rests in a resource of a type, and where its copies are. */
interface Residency {
  personalData: (resource: StateResource) => string | null;
  copies: (resource: StateResource) => string;
}

const inRegion = "in its region";

/** Copies of a storage account. Source: "Azure Storage redundancy". */
const storageCopies: Record<string, string> = {
  LRS: "3 in one data centre of its region",
  ZRS: "3 in three zones of its region",
  GRS: "3 in one data centre of its region, and 3 in the paired region",
  RAGRS: "3 in one data centre of its region, and 3 readable ones in the paired region",
  GZRS: "3 in three zones of its region, and 3 in the paired region",
  RAGZRS: "3 in three zones of its region, and 3 readable ones in the paired region",
};

const storedByPurpose: Record<string, string> = {
  files: "files to and from terminals: attendance data",
  audit: "audit records: names of operators and terminals",
  "flow-keys": "terminal IDs and hashes of keys",
  "device-imports": "device keys, for the time of an import",
};

const value = (resource: StateResource, ...path: string[]): unknown =>
  path.reduce<unknown>(
    (inner, name) => (inner as Record<string, unknown> | undefined)?.[name],
    resource.inputs,
  );

/** Types with a region of their own. Everything else is stored inside one of them. */
const residencies: Record<string, Residency> = {
  "azure-native:iothub:IotHubResource": {
    personalData: () => "device twins and identities: terminal IDs, customers and sites",
    // The answer of the IoT Hub's API lists the paired region as secondary, unless enableDataResidency is on.
    copies: (resource) =>
      value(resource, "properties", "enableDataResidency") === true
        ? inRegion
        : "in its region; a disaster recovery copy in the paired region (West Europe: North Europe)",
  },
  "azure-native:storage:StorageAccount": {
    personalData: (resource) =>
      storedByPurpose[String(value(resource, "tags", "holds"))] ??
      "unknown: the tag holds has no known value",
    copies: (resource) =>
      storageCopies[
        String(value(resource, "sku", "name"))
          .split("_")
          .at(-1)!
      ] ?? "unknown redundancy",
  },
  "azure-native:operationalinsights:Workspace": {
    personalData: () => "logs: terminal IDs, addresses and operators",
    copies: (resource) =>
      value(resource, "replication", "enabled") === true ? "in its region and in a second region" : inRegion,
  },
  "azure-native:apimanagement:ApiManagementService": {
    personalData: () => "subscriptions: names of customers; calls pass through and are not stored",
    copies: (resource) => {
      const others = value(resource, "additionalLocations");
      return Array.isArray(others) && others.length > 0
        ? "in its region and in additional regions"
        : inRegion;
    },
  },
  "azure-native:applicationinsights:Component": {
    personalData: () => "results of the availability test: none",
    copies: () => inRegion,
  },
  "azure-native:applicationinsights:WebTest": {
    personalData: () => "none: it calls the gateway without keys",
    copies: () => inRegion,
  },
  "azure-native:monitor:ActionGroup": {
    personalData: () => "e-mail addresses of the receivers of alerts",
    copies: () => "decided by Azure Monitor",
  },
};

const tenantTypes = /^azuread:/;

/**
 * Where the data of a stack rests: a row for each resource that has a region or stores something by itself.
 * @param before The stack on the base branch; undefined without a base.
 */
export function describeResidency(after: StackState, before?: StackState): ResidencyRow[] {
  const former =
    before && new Map(managedResources(before).map((resource) => [resource.urn, toRow(resource)]));
  const rows = managedResources(after).flatMap((resource): ResidencyRow[] => {
    const row = toRow(resource);
    if (!row) return [];
    if (!former) return [row];
    const old = former.get(resource.urn);
    if (!old) return [{ ...row, before: null }];
    return isSame(old, row) ? [row] : [{ ...row, before: old }];
  });
  // Personal data first.
  const rank = ({ personalData }: ResidencyRow) => (personalData === null ? 1 : 0);
  return rows.toSorted((one, other) => rank(one) - rank(other) || one.name.localeCompare(other.name));
}

function toRow(resource: StateResource): ResidencyRow | undefined {
  const { type, urn } = resource;
  const name = logicalName(urn);
  if (tenantTypes.test(type)) {
    return {
      name,
      type,
      region: "Entra ID, the region of the tenant",
      personalData: /Group|Member/.test(type) ? "names of operators" : null,
      copies: "decided by Entra ID",
    };
  }
  const location = value(resource, "location");
  if (typeof location !== "string") return undefined;
  const residency = residencies[type];
  return {
    name,
    type,
    region: location,
    personalData: residency?.personalData(resource) ?? null,
    copies: residency?.copies(resource) ?? "no data",
  };
}

const isSame = (one: ResidencyRow, other: ResidencyRow): boolean =>
  one.region === other.region && one.personalData === other.personalData && one.copies === other.copies;
