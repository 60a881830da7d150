import { quote } from "@terminal-fleet/cli/azure-access";
import { z } from "zod";
import { type Check, couldNotTell, failed, passed } from "../check.ts";

const subscription = z.looseObject({
  subscriptionId: z.string(),
  displayName: z.string().optional(),
  state: z.string(),
  tenantId: z.string().optional(),
  subscriptionPolicies: z
    .looseObject({ quotaId: z.string().optional(), spendingLimit: z.string().optional() })
    .optional(),
});

const portal =
  "Open the subscription in the Azure portal: https://portal.azure.com/#blade/Microsoft_Azure_Billing/SubscriptionsBlade";

/**
 * Whether the subscription exists, is enabled, and belongs to the tenant of the sign-in. A spending limit stops all
 * resources when the credit is used up. Source: REST reference, "Subscriptions - Get".
 */
export const subscriptionCheck: Check = {
  id: "subscription",
  async run({ azure, signIn, subscriptionId, signal }) {
    const path = `/subscriptions/${subscriptionId}?api-version=2022-12-01`;
    const { displayName, state, tenantId, subscriptionPolicies } = await azure.get(
      path,
      subscription,
      signal,
    );
    const name = `${displayName ?? "Subscription"} (${subscriptionId})`;
    const who = signIn.who();
    const signedIn = `signed in as ${who?.name ?? who?.objectId ?? "an unnamed account"}`;
    if (state !== "Enabled") return failed(`${name} is in the state ${state}; ${signedIn}`, portal);
    const tenant = process.env.ARM_TENANT_ID ?? process.env.AZURE_TENANT_ID;
    const isGuid = /^[0-9a-f-]{36}$/i.test(tenant ?? "");
    if (tenant && isGuid && tenantId && tenant.toLowerCase() !== tenantId.toLowerCase()) {
      return failed(`${name} belongs to the tenant ${tenantId}, and the sign-in to the tenant ${tenant}`, [
        "Sign in to the subscription's tenant:",
        `  az login --tenant ${quote(tenantId, "TENANT")}`,
      ]);
    }
    const { spendingLimit, quotaId } = subscriptionPolicies ?? {};
    const details = [`tenant ${tenantId ?? "unknown"}, offer ${quotaId ?? "unknown"}`];
    if (spendingLimit === "On") {
      return couldNotTell(
        `${name} has a spending limit: Azure stops every resource when the credit is used up`,
        "Remove the spending limit, or make sure that the credit is enough: https://learn.microsoft.com/azure/cost-management-billing/manage/spending-limit",
        details,
      );
    }
    return passed(`${name} is enabled; ${signedIn}`, details);
  },
};
