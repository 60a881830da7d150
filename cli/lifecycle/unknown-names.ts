import type { Fleet } from "../azure/fleet.ts";
import { isSameCustomer, isSameName, quoteName } from "../lib/names.ts";
import { NearestNames } from "../lib/nearest-names.ts";
import { OperatorError } from "../lib/operator-error.ts";
import { t } from "../words/translate.ts";

/** The customer, the site, or both that an operator named. */
export interface NamedPlace {
  customer?: string;
  site?: string;
}

/**
 * Explains why a customer, a site or a site of a customer has no terminal, with the nearest names. It reads those of the
 * whole fleet, so it is called only when nothing was found.
 * @returns Undefined when the fleet has a terminal there.
 */
export async function findUnknownPlace(
  fleet: Pick<Fleet, "registry" | "flowKeys">,
  { customer, site }: NamedPlace,
): Promise<OperatorError | undefined> {
  if (customer === undefined && site === undefined) return undefined;
  const customers = new NearestNames(customer ?? "");
  const sites = new NearestNames(site ?? "");
  const customersWithSite = new Set<string>();
  let hasCustomer = false;
  for await (const place of readPlaces(fleet)) {
    const isOfCustomer = customer === undefined || isSameCustomer(place.customer, customer);
    hasCustomer ||= isOfCustomer;
    const isAtSite = site === undefined || isSameName(place.site, site);
    if (isOfCustomer && isAtSite) return undefined;
    customers.add(place.customer);
    if (isOfCustomer) sites.add(place.site);
    if (site !== undefined && isAtSite) customersWithSite.add(place.customer);
  }
  if (!hasCustomer && customer !== undefined) {
    const suggestion = customers.suggestion({ none: t`the fleet has no terminal with a customer` });
    return placeError("NoSuchCustomer", t`no customer ${customer}` + suggestion);
  }
  const name = quoteName(site as string);
  const message = customer === undefined ? t`no site ${name}` : t`no site ${name} of customer ${customer}`;
  const [other] = customersWithSite;
  if (other !== undefined) return placeError("NoSuchSite", message + t`; it is a site of ${other}`);
  const none = t`the fleet has no terminal with a site`;
  return placeError("NoSuchSite", message + sites.suggestion({ none, isQuoted: true }));
}

function placeError(code: string, message: string): OperatorError {
  return new OperatorError("failed", message, {
    code,
    remedy: t`\`npx terminals list\` lists the terminals with their customers and sites.`,
  });
}

/** Customer and site of every device and of every Flow key row; empty texts where a terminal has none. */
async function* readPlaces({
  registry,
  flowKeys,
}: Pick<Fleet, "registry" | "flowKeys">): AsyncGenerator<Required<NamedPlace>> {
  const text = (value: unknown) => (typeof value === "string" ? value : "");
  for await (const { tags } of registry.query("SELECT tags FROM devices")) {
    const { customer, site } = (tags ?? {}) as Record<string, unknown>;
    yield { customer: text(customer), site: text(site) };
  }
  for await (const { customer, site } of flowKeys.rows()) yield { customer, site };
}
