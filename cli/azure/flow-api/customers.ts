import { randomBytes } from "node:crypto";
import type { ApiManagementClient } from "@azure/arm-apimanagement";
import { OperatorError } from "../../lib/operator-error.ts";
import { t } from "../../words/translate.ts";
import { explain, explained, type Permission, statusOf } from "../explain-error.ts";
import { parseResourceId } from "../resource-id.ts";

/** Maximum age of a cached subscription key, in milliseconds. It can be rotated during an onboarding of hours. */
const cacheMs = 60_000;

/** The customers' API Management subscriptions, which are scoped to the Flow API, and their keys. */
export class Customers {
  private readonly createClient: () => Promise<ApiManagementClient>;
  private client: Promise<ApiManagementClient> | undefined;
  private readonly apiId: string;
  private readonly permission: () => Permission;
  private cached: { customer: string; key: Promise<string>; readAt: number } | undefined;

  /**
   * @param createClient Called once, before the first call of API Management.
   * @param apiId Resource ID of the Flow API in API Management.
   */
  constructor(createClient: () => Promise<ApiManagementClient>, apiId: string, permission: () => Permission) {
    this.createClient = createClient;
    this.apiId = apiId;
    this.permission = permission;
  }

  /** Whether the customer has a subscription. */
  async has(customer: string): Promise<boolean> {
    return (await this.state(customer)) !== undefined;
  }

  /**
   * Reads the customer's primary subscription key. A missing subscription is created.
   * @throws OperatorError when the customer's subscription is not active.
   */
  async subscriptionKey(customer: string): Promise<string> {
    const { resourceGroup, service } = this.location();
    const state = await this.state(customer);
    if (state !== undefined && state !== "active") {
      throw new OperatorError("failed", t`the subscription of customer ${customer} is ${state}`, {
        remedy: t`Activate the subscription ${customer} in API Management (${service}) first.`,
      });
    }
    const key = t`the subscription key of customer ${customer}`;
    const subscriptions = await this.subscriptions();
    try {
      if (state === undefined) {
        await subscriptions.createOrUpdate(resourceGroup, service, customer, {
          scope: this.apiId,
          displayName: customer,
          state: "active",
        });
      }
      const { primaryKey } = await subscriptions.listSecrets(resourceGroup, service, customer);
      if (!primaryKey) throw new OperatorError("failed", t`${key} is empty`);
      return primaryKey;
    } catch (error) {
      throw explain(error, `${state === undefined ? "creating" : "reading"} ${key}`, this.permission);
    }
  }

  /** As `subscriptionKey`, from a cache of one minute. */
  cachedSubscriptionKey(customer: string): Promise<string> {
    const { cached } = this;
    if (cached?.customer === customer && performance.now() - cached.readAt <= cacheMs) return cached.key;
    const key = this.subscriptionKey(customer);
    this.cached = { customer, key, readAt: performance.now() };
    key.catch(() => {
      this.cached = undefined;
    });
    return key;
  }

  /** Both subscription keys of a customer. Terminals use the primary one, except during its rotation. */
  async keys(customer: string): Promise<{ primary: string; secondary: string }> {
    const { resourceGroup, service } = this.location();
    const reading = (await this.subscriptions()).listSecrets(resourceGroup, service, customer);
    const doing = t`reading the subscription keys of customer ${customer}`;
    const { primaryKey, secondaryKey } = await explained(reading, doing, this.permission);
    if (primaryKey && secondaryKey) return { primary: primaryKey, secondary: secondaryKey };
    throw new OperatorError("failed", t`${doing}: one of them is empty`);
  }

  /** Regenerates the secondary key. Gateways reject the old one when their cache has expired. */
  async regenerateSecondaryKey(customer: string): Promise<void> {
    const { resourceGroup, service } = this.location();
    const doing = t`regenerating the secondary subscription key of customer ${customer}`;
    const subscriptions = await this.subscriptions();
    const regenerating = subscriptions.regenerateSecondaryKey(resourceGroup, service, customer);
    await explained(regenerating, doing, this.permission);
  }

  /**
   * Swaps the primary and the secondary key. Both are valid before and after it. Azure does not document whether one
   * change may give each field the other field's value: when API Management refuses that, the keys are swapped one by one
   * through a third value.
   * @returns False when the subscription was modified concurrently.
   */
  async swapKeys(customer: string): Promise<boolean> {
    const { resourceGroup, service } = this.location();
    const doing = t`swapping the subscription keys of customer ${customer}`;
    const subscriptions = await this.subscriptions();
    const swap = async () => {
      const { eTag } = await subscriptions.getEntityTag(resourceGroup, service, customer);
      const { primary, secondary } = await this.keys(customer);
      const update = (ifMatch: string, keys: { primaryKey?: string; secondaryKey?: string }) =>
        subscriptions.update(resourceGroup, service, customer, ifMatch, keys);
      try {
        await update(eTag ?? "*", { primaryKey: secondary, secondaryKey: primary });
      } catch (error) {
        if (!isRefusedValue(error)) throw error;
        // The next key, which the terminals use, is invalid between the first and the second change. Gateways cache it
        // for longer. From then on nothing may stop the change, so it does not depend on the ETag any more.
        await update(eTag ?? "*", { secondaryKey: randomBytes(16).toString("hex") });
        await update("*", { primaryKey: secondary });
        await update("*", { secondaryKey: primary });
      }
    };
    try {
      await explained(swap(), doing, this.permission);
      return true;
    } catch (error) {
      if (error instanceof OperatorError && statusOf(error.cause) === 412) return false;
      throw error;
    }
  }

  private async state(customer: string): Promise<string | undefined> {
    const { resourceGroup, service } = this.location();
    const subscriptions = await this.subscriptions();
    try {
      return (await subscriptions.get(resourceGroup, service, customer)).state;
    } catch (error) {
      if (statusOf(error) === 404) return undefined;
      throw explain(error, t`reading the subscription of customer ${customer}`, this.permission);
    }
  }

  private async subscriptions(): Promise<ApiManagementClient["subscription"]> {
    this.client ??= this.createClient();
    return (await this.client).subscription;
  }

  private location(): { resourceGroup: string; service: string } {
    const { resourceGroup, names } = parseResourceId(this.apiId);
    return { resourceGroup, service: names[0] as string };
  }
}

/** Whether API Management refused a value of a change, by its own codes: not a conflict of versions, rights or load. */
function isRefusedValue(error: unknown): boolean {
  const { code } = error as { code?: string };
  return [400, 409].includes(statusOf(error) ?? 0) && ["ValidationError", "Conflict"].includes(code ?? "");
}
