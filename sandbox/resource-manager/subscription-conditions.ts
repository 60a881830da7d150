import { z } from "zod";
import type { AzureEnvironment } from "../core/azure-environment.ts";
import { policyAssignment } from "../services/policy/policy-assignment.ts";
import { normalizeLocation } from "./regions.ts";

const regionName = z.string().min(1).transform(normalizeLocation);

/** What Microsoft and the subscription's owner decide about a subscription, beside its resources. */
export const subscriptionConditions = z.strictObject({
  /** State of the subscription. Source: REST reference, Subscriptions, "SubscriptionState". Default Enabled. */
  state: z.enum(["Enabled", "Warned", "PastDue", "Disabled", "Deleted"]).default("Enabled"),
  /** Whether Azure stops the subscription at the end of its credit. Default Off. */
  spendingLimit: z.enum(["On", "Off", "CurrentPeriodOff"]).default("Off"),
  /** Regions that take no tenant that is new to them (aka.ms/locationineligible). Default none. */
  ineligibleRegions: z.array(regionName).default([]),
  /** Resource providers that are not registered, for example Microsoft.Devices. Default none. */
  unregisteredProviders: z.array(z.string().min(1)).default([]),
  /** SKUs that the subscription cannot use in a region, as capacity restrictions do. Default none. */
  restrictedSkus: z.array(z.strictObject({ sku: z.string().min(1), region: regionName })).default([]),
  /** Assigned policies with the effect deny. Default none. */
  policies: z.array(policyAssignment).default([]),
});

export type SubscriptionConditions = z.infer<typeof subscriptionConditions>;

/** The conditions of the subscription. A new sandbox has the defaults. */
export function readConditions({ store }: AzureEnvironment): SubscriptionConditions {
  store.db.exec("CREATE TABLE IF NOT EXISTS subscription_conditions (body TEXT)");
  const row = store.db.prepare("SELECT body FROM subscription_conditions").get();
  return subscriptionConditions.parse(row ? JSON.parse(row.body as string) : {});
}

/**
 * Replaces the conditions of the subscription. Members that are left out have their default.
 * @throws ZodError for an unknown member or a wrong value.
 */
export function writeConditions(azure: AzureEnvironment, conditions: unknown): SubscriptionConditions {
  const parsed = subscriptionConditions.parse(conditions);
  readConditions(azure);
  azure.store.transaction(() => {
    azure.store.db.exec("DELETE FROM subscription_conditions");
    azure.store.db
      .prepare("INSERT INTO subscription_conditions VALUES (?)")
      .run(JSON.stringify(parsed satisfies SubscriptionConditions));
  });
  return parsed;
}
