import type { ApiManagementClient } from "@azure/arm-apimanagement";
import { explain, OperatorError, type Permission, statusOf } from "../errors.ts";
import { parseResourceId } from "../resource-id.ts";

/** The customers' shared keys: each is an API Management subscription, scoped to the Flow API. */
export class Customers {
  private readonly client: ApiManagementClient;
  private readonly apiId: string;
  private readonly permission: () => Permission;

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
