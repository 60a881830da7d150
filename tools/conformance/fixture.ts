import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { ArmClient } from "./clients/arm.ts";
import { bearer, send } from "./clients/http.ts";
import { HubClient } from "./clients/hub.ts";
import { StorageClients } from "./clients/storage.ts";
import type { Target } from "./targets/target.ts";

/** The tag of the resource group, by which a person finds what a killed run left behind. */
const tags = { purpose: "conformance" };

/** Built-in roles: https://learn.microsoft.com/azure/role-based-access-control/built-in-roles */
export const roles = {
  hubDataContributor: "4fc6c259-987e-4a07-842e-c321cc9d413f",
  blobDataContributor: "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
  tableDataContributor: "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3",
  reader: "acdd72a7-3385-48ef-bd42-f606fba81ae7",
};

/** Seconds that a role assignment may take: up to 10 minutes (role-based-access-control/troubleshooting). */
const roleSeconds = 600;

/** An API Management service with one API without a backend: its policies answer. */
export interface Gateway {
  /** Resource ID of the service. */
  id: string;
  /** For example https://conf-abc.azure-api.net */
  url: string;
}

/** The resources that checks share, each created when the first check needs it, all in one resource group. */
export class Fixture {
  readonly target: Target;
  readonly arm: ArmClient;
  readonly runId: string;
  readonly groupName: string;
  private readonly signal: AbortSignal | undefined;
  private readonly report: (line: string) => void;
  private readonly made = new Map<string, Promise<unknown>>();

  /**
   * @param runId 4 to 12 lower-case letters and digits, a part of all names.
   * @param report Receives a line before each slow step.
   * @param signal Ends waits, but not those for a deletion.
   */
  constructor(
    target: Target,
    { runId, report, signal }: { runId: string; report: (line: string) => void; signal?: AbortSignal },
  ) {
    this.target = target;
    this.arm = new ArmClient(target, signal);
    this.signal = signal;
    this.runId = runId;
    this.groupName = groupNameOf(runId);
    this.report = report;
  }

  /** The path of the resource group. */
  get group(): string {
    return `${this.arm.subscription}/resourceGroups/${this.groupName}`;
  }

  /** The path of a resource in the group. @param type For example Microsoft.Storage/storageAccounts */
  path(type: string, name: string): string {
    return `${this.group}/providers/${type}/${name}`;
  }

  async open(): Promise<void> {
    this.report(`creating the resource group ${this.groupName}`);
    await this.arm.create(this.group, { location: this.target.region, tags });
  }

  /**
   * Deletes the resource group with everything in it, and the API Management service for good, which otherwise would
   * reserve its name. It can be called again after a failure.
   */
  async close(): Promise<void> {
    this.report(`deleting the resource group ${this.groupName}`);
    await deleteRun(this.target, this.runId);
  }

  /** The object ID of the principal that runs the checks. */
  principalId(): Promise<string> {
    return this.once("principal", async () => {
      const token = await this.target.credential.getToken("https://management.azure.com/.default");
      const [, claims = ""] = (token?.token ?? "").split(".");
      return JSON.parse(Buffer.from(claims, "base64url").toString()).oid as string;
    });
  }

  /** A general-purpose account with account keys, on which the principal can write blobs and rows. */
  account(): Promise<StorageClients> {
    return this.once("account", async () => {
      const storage = await this.createAccount("a");
      await this.assign(storage.id, roles.blobDataContributor);
      await this.assign(storage.id, roles.tableDataContributor);
      await this.waitForRole("the roles at the storage account", async () => {
        const { authorization } = await bearer(this.target, "https://storage.azure.com/.default");
        const headers = { authorization, "x-ms-version": "2023-11-03" };
        const blobs = await send(this.target, "GET", `${storage.blobUrl}?comp=list`, { headers });
        const tables = await send(this.target, "GET", `${storage.tableUrl}/Tables`, {
          headers: { ...headers, accept: "application/json;odata=nometadata" },
        });
        return blobs.status === 200 && tables.status === 200;
      });
      return storage;
    });
  }

  /** A second account, on which the principal has no role for data, and whose settings checks change. */
  changeableAccount(): Promise<StorageClients> {
    return this.once("changeable account", () => this.createAccount("b"));
  }

  /** A hub of the tier S1 with one unit, on which the principal can do everything with devices. */
  hub(): Promise<HubClient> {
    return this.once("hub", async () => {
      const name = `conf-${this.runId}`;
      const id = this.path("Microsoft.Devices/IotHubs", name);
      this.report(`creating the IoT hub ${name}`);
      const hub = await this.arm.create(id, {
        location: this.target.region,
        sku: { name: "S1", capacity: 1 },
        properties: {},
      });
      await this.assign(id, roles.hubDataContributor);
      const client = new HubClient(this.target, id, hub.properties.hostName);
      await this.waitForRole("the role at the IoT hub", async () => {
        return (await client.send("GET", "/statistics/devices")).status === 200;
      });
      return client;
    });
  }

  /** An API Management service of the tier BasicV2. */
  gateway(): Promise<Gateway> {
    return this.once("gateway", async () => {
      const name = `conf-${this.runId}`;
      const id = this.path("Microsoft.ApiManagement/service", name);
      this.report(`creating the API Management service ${name}, which takes some minutes on Azure`);
      const service = await this.arm.create(
        id,
        {
          location: this.target.region,
          sku: { name: "BasicV2", capacity: 1 },
          properties: { publisherEmail: "conformance@example.com", publisherName: "Conformance" },
        },
        { minutes: 60 },
      );
      return { id, url: service.properties.gatewayUrl };
    });
  }

  /** Assigns a built-in role to the principal. @returns The path of the assignment. */
  async assign(scope: string, role: string): Promise<string> {
    const definition = `${this.arm.subscription}/providers/Microsoft.Authorization/roleDefinitions/${role}`;
    const path = `${scope}/providers/Microsoft.Authorization/roleAssignments/${randomUUID()}`;
    const properties = { roleDefinitionId: definition, principalId: await this.principalId() };
    await this.arm.create(path, { properties });
    return path;
  }

  private async createAccount(suffix: string): Promise<StorageClients> {
    const name = `conf${this.runId}${suffix}`;
    const id = this.path("Microsoft.Storage/storageAccounts", name);
    this.report(`creating the storage account ${name}`);
    await this.arm.create(id, {
      location: this.target.region,
      kind: "StorageV2",
      sku: { name: "Standard_LRS" },
      properties: {
        minimumTlsVersion: "TLS1_2",
        supportsHttpsTrafficOnly: true,
        allowSharedKeyAccess: true,
        allowBlobPublicAccess: false,
      },
    });
    const { json } = await this.arm.send("POST", `${id}/listKeys`);
    return new StorageClients(this.target, id, name, json.keys[0].value);
  }

  private async waitForRole(what: string, isEffective: () => Promise<boolean>): Promise<void> {
    const deadline = Date.now() + roleSeconds * 1000;
    for (let isReported = false; !(await isEffective()); isReported = true) {
      if (!isReported) this.report(`waiting until Azure applies ${what}, up to ${roleSeconds / 60} minutes`);
      if (Date.now() > deadline) throw new Error(`${what}: not effective after ${roleSeconds} s`);
      await sleep(this.target.pollMs, undefined, { signal: this.signal });
    }
  }

  private once<T>(what: string, create: () => Promise<T>): Promise<T> {
    const known = this.made.get(what) as Promise<T> | undefined;
    if (known) return known;
    const created = create();
    this.made.set(what, created);
    return created;
  }
}

/** The name of the resource group of a run. */
export function groupNameOf(runId: string): string {
  return `conformance-${runId}`;
}

/**
 * Deletes what a run has created. A group that is missing is no error.
 * @throws Error when the group still exists after an hour.
 */
export async function deleteRun(target: Target, runId: string): Promise<void> {
  const arm = new ArmClient(target);
  const group = `${arm.subscription}/resourceGroups/${groupNameOf(runId)}`;
  const answer = await arm.send("DELETE", group);
  if (answer.status >= 300 && answer.status !== 404) {
    throw new Error(`DELETE ${group}: ${answer.status} ${answer.text}`);
  }
  const deadline = Date.now() + 3_600_000;
  while ((await arm.send("HEAD", group)).status !== 404) {
    if (Date.now() > deadline) throw new Error(`${group} still exists after an hour`);
    await sleep(target.pollMs);
  }
  await arm.send(
    "DELETE",
    `${arm.subscription}/providers/Microsoft.ApiManagement/locations/${target.region}/deletedservices/conf-${runId}`,
  );
}
