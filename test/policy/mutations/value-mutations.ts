import type { EngineResource } from "../pack.ts";
import { type Mutation, mutate, setAt, valuesOf } from "./mutation.ts";

/** Other words of Azure in the place of a word, the weaker or wider ones first. */
const otherWords: Record<string, string[]> = {
  Enabled: ["Disabled"],
  Disabled: ["Enabled"],
  TLS1_2: ["TLS1_0", "TLS1_1"],
  "1.2": ["1.0"],
  Standard_ZRS: ["Standard_LRS", "Standard_GRS", "Standard_RAGZRS", "Standard_GZRS", "Premium_ZRS"],
  StorageV2: ["BlobStorage", "Storage", "BlockBlobStorage"],
  Hot: ["Cool", "Cold"],
  AAD: ["PrivateLink"],
  Allow: ["Deny"],
  AzureServices: ["None"],
  Block: ["Log"],
  "Microsoft.Storage": ["Microsoft.Keyvault"],
  SystemAssigned: ["None", "UserAssigned"],
  https: ["http"],
  http: ["soap"],
  AzureADMyOrg: ["AzureADMultipleOrgs", "AzureADandPersonalMicrosoftAccount"],
  Group: ["User", "ServicePrincipal", "ForeignGroup"],
  ServicePrincipal: ["User", "Group"],
  CustomRole: ["BuiltInRole"],
  BasicV2: ["Developer", "Consumption"],
  StandardV2: ["Developer", "Consumption"],
  S1: ["F1", "B1"],
  S2: ["F1", "B1"],
  PerGB2018: ["Free", "CapacityReservation"],
  allLogs: ["audit"],
  GreaterThan: ["LessThan"],
  Total: ["Average"],
  Maximum: ["Minimum"],
  Count: ["Average"],
  Include: ["Exclude"],
  PT5M: ["P1D"],
  PT15M: ["PT1M", "P1D"],
  xml: ["rawxml", "xml-link"],
  GET: ["DELETE"],
  POST: ["PUT"],
  "/*": ["/admin", "/{path}"],
  Lifecycle: ["Other"],
};

/** Regions outside those of the fleet, and its own regions for each other. */
const otherRegions: Record<string, string[]> = {
  westeurope: ["northeurope", "eastus", "norwayeast"],
  norwayeast: ["norwaywest", "eastus", "westeurope"],
  global: ["eastus"],
};

/** Each value of each resource removed, weakened, widened or swapped. */
export function mutateValues(fleet: EngineResource[]): Mutation[] {
  return fleet
    .filter(({ type }) => type !== "pulumi:pulumi:Stack" && !type.startsWith("terminal-fleet:"))
    .flatMap((resource) =>
      [...valuesOf(resource.properties)].flatMap(([path, value]) => [
        ...removed(resource, path, value),
        ...weakened(resource, path, value),
        ...swapped(fleet, resource, path, value),
      ]),
    );
}

function removed(resource: EngineResource, path: string, value: unknown): Mutation[] {
  if (isEmptyValue(value)) return [];
  return [
    mutate(resource, { kind: "removed", path, becomes: "" }, ({ properties }) =>
      setAt(properties, path, undefined),
    ),
  ];
}

function weakened(resource: EngineResource, path: string, value: unknown): Mutation[] {
  const become = (kind: Mutation["kind"], other: unknown, becomes = JSON.stringify(other)) =>
    mutate(resource, { kind, path, becomes: `to ${becomes}` }, ({ properties }) =>
      setAt(properties, path, other),
    );
  if (typeof value === "boolean") return [become("weakened", !value)];
  if (typeof value === "number") {
    const others = [0, 1, Math.floor(value / 2), value - 1, value + 1, value * 2, 100_000];
    return [...new Set(others)]
      .filter((other) => other !== value && other >= 0)
      .map((other) => become("weakened", other));
  }
  if (Array.isArray(value)) {
    const empty = value.length > 0 ? [become("weakened", [], "an empty list")] : [];
    return [...empty, become("extended", [...value, anotherItem(value)], "a list with one item more")];
  }
  if (typeof value !== "string") return [];
  return [...(otherWords[value] ?? []), ...(otherRegions[value] ?? [])].map((other) =>
    become("weakened", other),
  );
}

/** One item more for a list: a variation of its first one. */
function anotherItem(list: unknown[]): unknown {
  const [first] = list;
  if (typeof first !== "object" || first === null) return typeof first === "string" ? `${first}x` : "*";
  const names = ["name", "emailAddress", "category", "metricName", "query"];
  const entries = Object.entries(first).map(([name, value]) =>
    names.includes(name) && typeof value === "string" ? [name, `x${value}`] : [name, value],
  );
  return Object.fromEntries(entries);
}

/**
 * A text swapped for that of another resource, and for one from outside, each once with the dependencies that it has (the
 * text comes from `apply`) and once without (it is written out).
 */
function swapped(
  fleet: EngineResource[],
  resource: EngineResource,
  path: string,
  value: unknown,
): Mutation[] {
  if (typeof value !== "string" || value === "" || otherWords[value] || otherRegions[value]) return [];
  const property = path.split(".")[0]!;
  const hasSources = (resource.dependencies[property] ?? []).length > 0;
  return others(fleet, resource, path, value).flatMap((other) => {
    const words = { kind: "swapped", path, becomes: `for ${JSON.stringify(shorten(other))}` } as const;
    const edit = (copy: EngineResource) => setAt(copy.properties, path, other);
    if (!hasSources) return [mutate(resource, words, edit)];
    return [
      mutate(resource, { ...words, becomes: `${words.becomes} through apply` }, edit),
      mutate(resource, words, (copy) => {
        edit(copy);
        copy.dependencies[property] = [];
      }),
    ];
  });
}

function others(fleet: EngineResource[], resource: EngineResource, path: string, value: string): string[] {
  const ofSameType = fleet
    .filter(({ type }) => type === resource.type)
    .flatMap(({ properties }) => [...valuesOf(properties)])
    .filter(([otherPath, other]) => otherPath === path && typeof other === "string" && other !== value)
    .map(([, other]) => other as string);
  return [...new Set([...[...new Set(ofSameType)].slice(0, 2), ...fromOutside(value)])].filter(
    (other) => other !== value,
  );
}

/** The text as it would be in another subscription, on another host, of another owner. */
function fromOutside(value: string): string[] {
  if (/^\/subscriptions\//.test(value)) {
    return [
      value.replace(/^\/subscriptions\/[^/]+/, "/subscriptions/99999999-9999-9999-9999-999999999999"),
      value.replace(/[^/]+$/, (name) => `${name}x`),
      value.replace(/^(\/subscriptions\/[^/]+\/resourceGroups\/)[^/]+/, "$1rg-elsewhere"),
    ];
  }
  if (/^https:\/\//.test(value)) {
    return [
      "https://outside.example.net",
      "http://flow-dev.example.com",
      "https://169.254.169.254/metadata",
      "https://127.0.0.1",
      "https://10.0.0.4",
      `${value}.example.net`,
    ];
  }
  if (/^repo:/.test(value)) {
    return [
      "repo:outside/fork:environment:dev",
      "repo:example-org/terminal-fleet:pull_request",
      "repo:example-org/terminal-fleet:*",
      "repo:example-org/terminal-fleet:ref:refs/heads/topic",
      "repo:example-org/terminal-fleet:environment:any",
    ];
  }
  if (/@/.test(value) && !/\s/.test(value)) return ["someone@outside.example.net"];
  if (/^[0-9a-f-]{36}$/.test(value)) return ["8e3af657-a8ff-443c-a75c-2fe8c4bcb635"];
  if (/-id$/.test(value)) return ["outside-object-id"];
  return [`${value}x`, "outside"];
}

const shorten = (text: string) => (text.length > 100 ? `${text.slice(0, 40)}…${text.slice(-50)}` : text);

const isEmptyValue = (value: unknown) =>
  value === undefined || value === null || (typeof value === "object" && Object.keys(value).length === 0);
