import type { ApiManagementClient } from "@azure/arm-apimanagement";
import { explain, explained, OperatorError, type Permission, statusOf } from "../../lib/errors.ts";
import { parseResourceId } from "../resource-id.ts";

/** A run that onboards for hours reads the shared key so often: it can be renewed meanwhile. */
const recentMs = 60_000;

/** The customers' shared keys: each is an API Management subscription, scoped to the Flow API. */
export class Customers {
  private readonly client: ApiManagementClient;
  private readonly apiId: string;
  private readonly permission: () => Permission;
  private recent: { customer: string; key: Promise<string>; at: number } | undefined;

  /** @param apiId The Flow API's resource ID in API Management. */
  constructor(client: ApiManagementClient, apiId: string, permission: () => Permission) {
    this.client = client;
    this.apiId = apiId;
    this.permission = permission;
  }

  /** Whether the customer has a shared key. */
  async has(customer: string): Promise<boolean> {
    return (await this.state(customer)) !== undefined;
  }

  /**
   * The customer's shared key; it is made when the customer has none.
   * @throws OperatorError when the customer's subscription is not active.
   */
  async sharedKey(customer: string): Promise<string> {
    const { resourceGroup, service } = this.where();
    const doing = `the shared Flow key of customer ${customer}`;
    const state = await this.state(customer);
    if (state !== undefined && state !== "active") {
      throw new OperatorError("failed", `${doing} is ${state}`, {
        remedy: `Activate the subscription ${customer} in API Management (${service}) first.`,
      });
    }
    try {
      if (state === undefined) {
        await this.client.subscription.createOrUpdate(resourceGroup, service, customer, {
          scope: this.apiId,
          displayName: customer,
          state: "active",
        });
      }
      const keys = await this.client.subscription.listSecrets(resourceGroup, service, customer);
      if (!keys.primaryKey) throw new OperatorError("failed", `${doing} is empty`);
      return keys.primaryKey;
    } catch (error) {
      throw explain(error, `${state === undefined ? "making" : "reading"} ${doing}`, this.permission);
    }
  }

  /** The customer's shared key as it was a minute ago at the most, for runs that need it again and again. */
  recentSharedKey(customer: string): Promise<string> {
    const { customer: whose, at } = this.recent ?? { at: 0 };
    if (whose !== customer || performance.now() - at > recentMs || !this.recent) {
      const key = this.sharedKey(customer);
      this.recent = { customer, key, at: performance.now() };
      key.catch(() => {
        this.recent = undefined;
      });
    }
    return this.recent.key;
  }

  /** Both of the customer's shared keys: the first is handed over, the second is the next one or rests. */
  async keys(customer: string): Promise<{ primary: string; secondary: string }> {
    const { resourceGroup, service } = this.where();
    const reading = this.client.subscription.listSecrets(resourceGroup, service, customer);
    const doing = `reading the shared Flow keys of customer ${customer}`;
    const { primaryKey, secondaryKey } = await explained(reading, doing, this.permission);
    if (primaryKey && secondaryKey) return { primary: primaryKey, secondary: secondaryKey };
    throw new OperatorError("failed", `${doing}: one is empty`);
  }

  /** Makes the second shared key anew: what held the old one is refused, after the gateways' memory of it. */
  async renewSecondary(customer: string): Promise<void> {
    const { resourceGroup, service } = this.where();
    const doing = `making the second shared Flow key of customer ${customer} anew`;
    const renewing = this.client.subscription.regenerateSecondaryKey(resourceGroup, service, customer);
    await explained(renewing, doing, this.permission);
  }

  /**
   * Lets the two shared keys change places, in one change: both work before and after it.
   * @returns False when somebody changed the subscription meanwhile.
   */
  async swapKeys(customer: string): Promise<boolean> {
    const { resourceGroup, service } = this.where();
    const doing = `exchanging the shared Flow keys of customer ${customer}`;
    const swapping = async () => {
      const { eTag } = await this.client.subscription.getEntityTag(resourceGroup, service, customer);
      const { primary, secondary } = await this.keys(customer);
      await this.client.subscription.update(resourceGroup, service, customer, eTag ?? "*", {
        primaryKey: secondary,
        secondaryKey: primary,
      });
    };
    try {
      await explained(swapping(), doing, this.permission);
      return true;
    } catch (error) {
      if (error instanceof OperatorError && statusOf(error.cause) === 412) return false;
      throw error;
    }
  }

  private async state(customer: string): Promise<string | undefined> {
    const { resourceGroup, service } = this.where();
    try {
      return (await this.client.subscription.get(resourceGroup, service, customer)).state;
    } catch (error) {
      if (statusOf(error) === 404) return undefined;
      throw explain(error, `reading the subscription of customer ${customer}`, this.permission);
    }
  }

  private where(): { resourceGroup: string; service: string } {
    const { resourceGroup, names } = parseResourceId(this.apiId);
    return { resourceGroup, service: names[0] as string };
  }
}
