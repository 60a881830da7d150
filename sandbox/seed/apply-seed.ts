import { hash } from "node:crypto";
import type { Sandbox } from "../core/sandbox.ts";
import { builtInRoles } from "../services/authorization/roles.ts";
import { type ReadSeed, SeedError, type SeedPath } from "./read-seed.ts";
import { SeedClient } from "./seed-client.ts";
import type { SeededDevice, SeedResult } from "./seed-result.ts";
import type { Seed } from "./seed-schema.ts";

/**
 * Creates what a seed file declares, through Azure Resource Manager and the registries of the hubs, with their checks.
 * What exists already is changed to what the file declares, and devices keep their keys, so a file can be applied again.
 * @throws SeedError with the line of the refused resource. What comes before it in the file stays.
 */
export async function applySeed(sandbox: Sandbox, read: ReadSeed): Promise<SeedResult> {
  const run = new SeedRun(sandbox, read, await SeedClient.signIn(sandbox));
  return run.apply();
}

class SeedRun {
  private readonly sandbox: Sandbox;
  private readonly seed: Seed;
  private readonly place: ReadSeed["place"];
  private readonly client: SeedClient;
  private readonly group: string;
  /** Resource IDs by name, for role assignments. */
  private readonly scopes = new Map<string, string>();

  constructor(sandbox: Sandbox, { seed, place }: ReadSeed, client: SeedClient) {
    this.sandbox = sandbox;
    this.seed = seed;
    this.place = place;
    this.client = client;
    this.group = `/subscriptions/${sandbox.azure.subscriptionId}/resourceGroups/${seed.resourceGroup}`;
  }

  async apply(): Promise<SeedResult> {
    const { seed } = this;
    await this.put(this.group, ["resourceGroup"], { location: seed.location });
    const result: SeedResult = {
      resourceGroup: seed.resourceGroup,
      hubs: [],
      accounts: [],
      apis: [],
      roles: [],
    };
    for (const [index, hub] of seed.hubs.entries()) result.hubs.push(await this.createHub(hub, index));
    for (const [index, account] of seed.accounts.entries()) {
      result.accounts.push(await this.createAccount(account, index));
    }
    for (const [index, api] of seed.apis.entries()) result.apis.push(await this.createApi(api, index));
    for (const [index, role] of seed.roles.entries()) result.roles.push(await this.assign(role, index));
    return result;
  }

  private async createHub(hub: Seed["hubs"][number], index: number): Promise<SeedResult["hubs"][number]> {
    await this.put(this.resourceId("Microsoft.Devices/IotHubs", hub.name), ["hubs", index, "name"], {
      location: hub.location ?? this.seed.location,
      sku: { name: hub.sku, capacity: hub.units },
      properties: hub.properties ?? {},
    });
    const host = `${hub.name.toLowerCase()}.azure-devices.net`;
    const devices = hub.devices.map((device, position): SeededDevice => {
      const { tags, desired, ...identity } = device;
      const problem = this.sandbox.hub.writeDevice(host, { ...identity, tags, desired });
      if (problem)
        throw this.refusal(["hubs", index, "devices", position], `the device ${device.id}`, problem);
      const key = this.sandbox.hub.deviceKey(host, device.id);
      const connectionString = `HostName=${host};DeviceId=${device.id};SharedAccessKey=${key}`;
      return { id: device.id, status: device.status, connectionString };
    });
    return { name: hub.name, host, devices };
  }

  private async createAccount(
    account: Seed["accounts"][number],
    index: number,
  ): Promise<SeedResult["accounts"][number]> {
    const id = this.resourceId("Microsoft.Storage/storageAccounts", account.name);
    const path = ["accounts", index] as const;
    await this.put(id, [...path, "name"], {
      location: account.location ?? this.seed.location,
      kind: account.kind,
      sku: { name: account.sku },
      properties: account.properties ?? {},
    });
    for (const [position, name] of account.containers.entries()) {
      const container = `${id}/blobServices/default/containers/${name}`;
      await this.put(container, [...path, "containers", position], { properties: {} });
    }
    for (const [position, name] of account.tables.entries()) {
      const table = `${id}/tableServices/default/tables/${name}`;
      await this.put(table, [...path, "tables", position], { properties: {} });
    }
    return {
      name: account.name,
      blobUrl: `https://${account.name}.blob.core.windows.net/`,
      tableUrl: `https://${account.name}.table.core.windows.net/`,
      containers: account.containers,
      tables: account.tables,
    };
  }

  private async createApi(api: Seed["apis"][number], index: number): Promise<SeedResult["apis"][number]> {
    const path = ["apis", index] as const;
    const service = this.resourceId("Microsoft.ApiManagement/service", api.service);
    // Two APIs of the file may have the same service, whose settings the first one decides.
    if (!this.seed.apis.slice(0, index).some((other) => other.service === api.service)) {
      await this.put(service, [...path, "service"], {
        location: api.location ?? this.seed.location,
        sku: { name: api.sku, capacity: 1 },
        properties: { publisherName: "seed", publisherEmail: "seed@example.com" },
      });
    }
    const id = `${service}/apis/${api.name}`;
    const { serviceUrl, subscriptionRequired } = api;
    await this.put(id, [...path, "name"], {
      properties: {
        displayName: api.name,
        path: api.path,
        protocols: ["https"],
        serviceUrl,
        subscriptionRequired,
        ...api.properties,
      },
    });
    for (const [position, operation] of api.operations.entries()) {
      const { method, path: urlTemplate } = operation;
      const name = operation.name ?? `${method}-${urlTemplate}`.toLowerCase().replace(/[^a-z0-9]+/g, "-");
      await this.put(`${id}/operations/${name.replace(/^-|-$/g, "")}`, [...path, "operations", position], {
        properties: {
          displayName: `${method} ${urlTemplate}`,
          method,
          urlTemplate,
          templateParameters: [...urlTemplate.matchAll(/\{\*?([^{}]*)\}/g)].map(([, parameter]) => ({
            name: parameter,
            type: "string",
            required: true,
          })),
        },
      });
    }
    if (api.policy !== undefined) {
      const properties = { value: api.policy, format: "rawxml" };
      await this.put(`${id}/policies/policy`, [...path, "policy"], { properties });
    }
    const url = new URL(api.path, `https://${api.service.toLowerCase()}.azure-api.net/`).href;
    return { service: api.service, name: api.name, url };
  }

  private async assign(role: Seed["roles"][number], index: number): Promise<SeedResult["roles"][number]> {
    const path = ["roles", index] as const;
    const { azure, principals } = this.sandbox;
    const known = builtInRoles.find(({ name }) => name.toLowerCase() === role.role.toLowerCase());
    if (!known) {
      throw new SeedError(
        `${this.place([...path, "role"])}: the sandbox has no role ${role.role}. Use one of: ${builtInRoles
          .map(({ name }) => name)
          .join(", ")}.`,
      );
    }
    const isPrincipal = role.to === "operator" || role.to === "deployer";
    const principal = isPrincipal
      ? principals[role.to as "operator" | "deployer"]
      : azure.directory.findGroup(role.to);
    if (!principal) {
      throw new SeedError(
        `${this.place([...path, "to"])}: the tenant has no group ${role.to}. Use operator or deployer, or create the group first.`,
      );
    }
    const scope = role.on === undefined ? this.group : this.scopes.get(role.on.toLowerCase());
    if (scope === undefined) {
      throw new SeedError(
        `${this.place([...path, "on"])}: the file has no resource ${role.on}. Use the name of one of its hubs, accounts or API Management services.`,
      );
    }
    const definitions = `/subscriptions/${azure.subscriptionId}/providers/Microsoft.Authorization/roleDefinitions`;
    const guid = guidOf([principal.objectId, known.guid, scope]);
    await this.put(`${scope}/providers/Microsoft.Authorization/roleAssignments/${guid}`, [...path, "role"], {
      properties: {
        principalId: principal.objectId,
        principalType: principal.kind,
        roleDefinitionId: `${definitions}/${known.guid}`,
      },
    });
    return { role: known.name, to: role.to, scope };
  }

  private resourceId(type: string, name: string): string {
    const id = `${this.group}/providers/${type}/${name}`;
    this.scopes.set(name.toLowerCase(), id);
    return id;
  }

  private async put(id: string, path: SeedPath, body: object): Promise<void> {
    const problem = await this.client.put(id, body);
    if (problem) throw this.refusal(path, describeResource(id), problem);
  }

  private refusal(path: SeedPath, what: string, problem: string): SeedError {
    return new SeedError(
      `${this.place(path)}: ${what} was refused: ${problem} Change it, then run the same command again.`,
    );
  }
}

const kinds: Record<string, string> = {
  resourceGroups: "resource group",
  IotHubs: "IoT hub",
  storageAccounts: "storage account",
  containers: "container",
  tables: "table",
  service: "API Management service",
  apis: "API",
  operations: "operation",
  policies: "policy",
  roleAssignments: "role assignment",
};

/** A resource for people: "the container receipts" */
function describeResource(id: string): string {
  const [type = "", name = ""] = id.split("/").slice(-2);
  return `the ${kinds[type] ?? type} ${name}`;
}

/** A GUID that depends on the parts only, so that a second run finds the assignment of the first. */
function guidOf(parts: string[]): string {
  const digits = hash("sha256", parts.join("\n").toLowerCase(), "hex");
  return [8, 4, 4, 4, 12]
    .map((length, index, all) => {
      const start = all.slice(0, index).reduce((sum, each) => sum + each, 0);
      return digits.slice(start, start + length);
    })
    .join("-");
}
