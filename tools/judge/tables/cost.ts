import {
  logicalName,
  managedResources,
  type StackState,
  type StateResource,
} from "../deployment/stack-state.ts";
import type { CostRow, CostTable } from "../report/report.ts";
import prices from "./prices.json" with { type: "json" };

/** A part of the cost: what is paid for, and its price a month in US dollars. */
interface Price {
  basis: string;
  usd: number;
}

const unitsOf = ({ inputs = {} }: StateResource): { name: string; capacity: number } => {
  const sku = (inputs.sku ?? {}) as { name?: string; capacity?: number };
  return { name: sku.name ?? "", capacity: sku.capacity ?? 1 };
};

const plural = (count: number, noun: string) => `${count} ${noun}${count === 1 ? "" : "s"}`;

/** What a resource costs. Types without a fixed price and without a stated assumption have no row. */
const priceByType: Record<string, (resource: StateResource) => Price | undefined> = {
  "azure-native:iothub:IotHubResource": (resource) => unitPrice(resource, prices.iotHubUnit),
  "azure-native:apimanagement:ApiManagementService": (resource) =>
    unitPrice(resource, prices.apiManagementUnit),
  "azure-native:storage:StorageAccount": (resource) => {
    const { name } = unitsOf(resource);
    const price = lookUp(prices.storageGigabyte, name);
    const gigabytes = prices.assumed.storageGigabytes;
    return price === undefined
      ? undefined
      : { basis: `${gigabytes} GB in ${name}, hot, without operations`, usd: price * gigabytes };
  },
  "azure-native:operationalinsights:Workspace": ({ inputs = {} }) => {
    const { logsGigabytesMonth: gigabytes, logsFreeDays } = prices.assumed;
    const days = Number(inputs.retentionInDays ?? logsFreeDays);
    const paidMonths = Math.max(0, days - logsFreeDays) / 30;
    return {
      basis: `${gigabytes} GB of logs a month, kept for ${days} days`,
      usd: gigabytes * (prices.logsGigabyte + paidMonths * prices.logsKeptGigabyteMonth),
    };
  },
  "azure-native:applicationinsights:WebTest": ({ inputs = {} }) => {
    const places = Array.isArray(inputs.locations) ? inputs.locations.length : 1;
    const calls = Math.round((places * 730 * 3600) / Number(inputs.frequency ?? 300));
    return { basis: `${calls} calls of the availability test`, usd: calls * prices.availabilityTestCall };
  },
  "azure-native:monitor:MetricAlert": () => ({ basis: "1 metric alert", usd: prices.alertRule }),
  "azure-native:monitor:ScheduledQueryRule": () => ({ basis: "1 log alert", usd: prices.logAlertRule }),
};

function unitPrice(resource: StateResource, table: Record<string, number>): Price | undefined {
  const { name, capacity } = unitsOf(resource);
  const price = lookUp(table, name);
  return price === undefined
    ? undefined
    : { basis: `${plural(capacity, "unit")} ${name}`, usd: price * capacity };
}

const lookUp = (table: Record<string, number>, name: string): number | undefined => table[name];

const round = (value: number): number => Math.round(value * 100) / 100;
const inEur = (usd: number): number => round(usd * prices.perUnitOfUsd.eur);
const inNok = (usd: number): number => round(usd * prices.perUnitOfUsd.nok);
const sum = (values: number[]): number => round(values.reduce((total, value) => total + value, 0));

/** The priced resources of a stack, by URN. */
function pricesOf(state: StackState): Map<string, { resource: StateResource; price: Price }> {
  return new Map(
    managedResources(state).flatMap((resource) => {
      const price = priceByType[resource.type]?.(resource);
      return price ? [[resource.urn, { resource, price }] as const] : [];
    }),
  );
}

/**
 * Estimates the cost of a stack a month from the table in prices.json.
 * @param before The stack on the base branch; undefined without a base.
 */
export function estimateCost(after: StackState, before?: StackState): CostTable {
  const old = before && pricesOf(before);
  const rows: CostRow[] = [...pricesOf(after)].map(([urn, { resource, price }]) => {
    const former = old?.get(urn)?.price.usd;
    return {
      name: logicalName(urn),
      type: resource.type,
      basis: price.basis,
      eur: inEur(price.usd),
      nok: inNok(price.usd),
      ...(old ? { eurBefore: former === undefined ? null : inEur(former) } : {}),
    };
  });
  return {
    rows: rows.toSorted((one, other) => other.eur - one.eur || one.name.localeCompare(other.name)),
    eur: sum(rows.map(({ eur }) => eur)),
    nok: sum(rows.map(({ nok }) => nok)),
    ...(old ? { eurBefore: sum([...old.values()].map(({ price }) => inEur(price.usd))) } : {}),
    pricesOf: prices.date,
    assumptions: [
      "This is a rough estimate: the prices and exchange rates are rounded, and were not checked against Microsoft's price lists.",
      "Prices are pay-as-you-go without tax, discounts and reservations. Resources that are missing in the table are free or not estimated.",
      `Each storage account holds ${prices.assumed.storageGigabytes} GB. Operations, network traffic and early deletion are left out.`,
      `The workspace receives ${prices.assumed.logsGigabytesMonth} GB of logs a month.`,
      `1 USD is ${prices.perUnitOfUsd.eur} EUR and ${prices.perUnitOfUsd.nok} NOK. ${prices.rateNote}`,
      ...prices.sources.map(({ id, url, note }) => `To check: ${id} (${url}). ${note}`),
    ],
  };
}
