import type { ChangeDescription } from "../audit-log/record.ts";
import type { Fleet } from "../azure/fleet.ts";
import { isSameCustomer } from "../lib/names.ts";
import { OperatorError } from "../lib/operator-error.ts";
import { t } from "../words/translate.ts";

/** The customer and site of a terminal, as far as the services have them. */
export interface Ownership {
  /** From the tag of the device twin. */
  customer?: string;
  site?: string;
  /** The customers that an audit record names: the tag's, or those of the Flow key rows of a terminal without a tag. */
  customers: string[];
}

/**
 * Reads the customer and site of a terminal.
 * @throws OperatorError when the IoT Hub or the key table cannot be read.
 */
export async function ownershipOf(
  terminal: string,
  { registry, flowKeys }: Pick<Fleet, "registry" | "flowKeys">,
): Promise<Ownership> {
  const { customer, site } = (await registry.tags(terminal)) ?? {};
  if (customer) return { customer, site, customers: [customer] };
  return { customers: await flowKeys.customersOf(terminal) };
}

/**
 * Checks that a terminal belongs to the customer that the operator named.
 * @throws OperatorError when the tag names another customer: one of the two IDs was mistyped.
 */
export function expectOwner(terminal: string, { customer }: Ownership, named: string | undefined): void {
  if (!named || !customer || isSameCustomer(customer, named)) return;
  throw new OperatorError("usage", t`${terminal} is a terminal of ${customer}, not of ${named}`, {
    remedy: t`Nothing was changed. Check the terminal ID. Without --customer, the terminal's own customer is used.`,
  });
}

/** The customers of a change, as its audit record holds them. */
export function recordedCustomers(
  customers: Iterable<string>,
): Pick<ChangeDescription, "customer" | "customers"> {
  const all = [...new Set(customers)].sort();
  if (all.length > 1) return { customers: all };
  return all[0] === undefined ? {} : { customer: all[0] };
}

/** A terminal with its customer and site, for people: "example-001 (example-municipality, Town hall)". */
export function describeTerminal(terminal: string, { customers, site }: Ownership): string {
  const place = [customers.join(", "), site].filter(Boolean).join(", ");
  return place ? `${terminal} (${place})` : terminal;
}
