import type { ChangeDescription } from "../audit-log/record.ts";
import type { Fleet } from "../azure/fleet.ts";
import { OperatorError } from "../lib/errors.ts";

/** Where a terminal belongs, as far as anybody knows. */
export interface Ownership {
  /** By the hub's tag. */
  customer?: string;
  site?: string;
  /** Those that a record of it names: the customer, or for one that the hub does not know those of its Flow rows. */
  customers: string[];
}

/**
 * Finds out where a terminal belongs.
 * @throws OperatorError when the hub or the Flow keys cannot be asked.
 */
export async function ownershipOf(terminal: string, { registry, flowKeys }: Fleet): Promise<Ownership> {
  const { customer, site } = (await registry.tags(terminal)) ?? {};
  if (customer) return { customer, ...(site ? { site } : {}), customers: [customer] };
  return { customers: await flowKeys.customersOf(terminal) };
}

/**
 * That a terminal is the customer's who was named for it.
 * @throws OperatorError when the hub's tag names another one: one of the two was mistyped.
 */
export function expectOwner(terminal: string, { customer }: Ownership, named: string | undefined): void {
  if (!named || !customer || customer === named) return;
  throw new OperatorError("usage", `${terminal} is a terminal of ${customer}, not of ${named}`, {
    remedy: "Nothing was changed. Is the terminal spelled right? Without --customer its own one is taken.",
  });
}

/** Whose terminals a change is about, as its record has it. */
export function recordedCustomers(
  customers: Iterable<string>,
): Pick<ChangeDescription, "customer" | "customers"> {
  const all = [...new Set(customers)].sort();
  if (all.length > 1) return { customers: all };
  return all[0] === undefined ? {} : { customer: all[0] };
}

/** A terminal with where it belongs, for people: "example-001 (example-municipality, Town hall)". */
export function describeTerminal(terminal: string, { customers, site }: Ownership): string {
  const place = [customers.join(", "), site].filter(Boolean).join(", ");
  return place ? `${terminal} (${place})` : terminal;
}
