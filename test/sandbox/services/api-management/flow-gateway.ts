import { createHash, randomBytes } from "node:crypto";
import type { RequestOptions } from "node:https";
import { flowPolicy } from "../../../../components/flow-policy.ts";
import { grantRole } from "../../../../sandbox/services/authorization/grant-role.ts";
import { type Answer, agentOf, call } from "../../proxy/proxy-client.ts";
import { GatewayCloud, type GatewayOptions, withKey } from "./gateway-cloud.ts";

const accountName = "exampleflowkeys";
const endpoint = `https://${accountName}.table.core.windows.net`;

export const keyTable = "terminalkeys";
export const tableHost = new URL(endpoint).host;
export const customerId = "example-as";
export const terminalId = "oslo-entrance-1";
export const audience = "api://flow-example";

const policyArgs = {
  tableEndpoint: `${endpoint}/`,
  tableName: keyTable,
  backendId: "flow",
  backendAudience: audience,
  callsPerMinute: 20,
  maxRequestBytes: 1000,
};

/** The program's policy, for the table and the backend of a FlowGateway. */
export const policy = flowPolicy(policyArgs);

export const newKey = () => randomBytes(32).toString("base64");
export const sha256 = (key: string) => createHash("sha256").update(key, "utf8").digest("base64");

/** A gateway with the program's policy, its key table, and one customer. */
export class FlowGateway {
  readonly azure: GatewayCloud;
  /** The customer's subscription key. */
  subscriptionKey = "";
  private operatorToken = "";
  private readonly policy: string;

  private constructor(azure: GatewayCloud, callsPerMinute: number) {
    this.azure = azure;
    this.policy = flowPolicy({ ...policyArgs, callsPerMinute });
  }

  /** @param options.callsPerMinute Calls a minute that one terminal may make; default 20. */
  static async open({
    callsPerMinute = policyArgs.callsPerMinute,
    ...options
  }: GatewayOptions & { callsPerMinute?: number } = {}): Promise<FlowGateway> {
    const cloud = await GatewayCloud.open({ storage: {}, ...options });
    const gateway = new FlowGateway(cloud, callsPerMinute);
    await gateway.createTable();
    gateway.allowLookups();
    gateway.renew();
    return gateway;
  }

  close(): Promise<void> {
    return this.azure.close();
  }

  /** Deploys the policy again, gives the customer new keys and refills the rate limits. */
  renew(): void {
    this.azure.policy("flow", this.policy, "xml");
    this.subscriptionKey = this.azure.subscribe(customerId);
    this.azure.clock.move(120_000);
    this.azure.flowApi.seen.length = 0;
  }

  /** Assigns the gateway the role to read the key table. */
  allowLookups(): void {
    const principalId = this.azure.service({}).identity?.principalId as string;
    grantRole(this.azure.azure, principalId, "Storage Table Data Reader", this.account);
  }

  /** Writes a terminal's row as the command line does. */
  async row(terminal: string, properties: Record<string, string>, customer = customerId): Promise<void> {
    const entity = {
      PartitionKey: customer,
      RowKey: terminal,
      site: "oslo",
      status: "active",
      keyCreatedAt: "2026-01-02T03:04:05Z",
      ...properties,
    };
    const path = `${keyTable}(PartitionKey='${customer}',RowKey='${terminal}')`;
    const answer = await call(this.azure.proxy, `${endpoint}/${path}`, {
      method: "PUT",
      headers: {
        Authorization: `Bearer ${this.operatorToken}`,
        "x-ms-version": "2019-02-02",
        "Content-Type": "application/json",
        Accept: "application/json;odata=nometadata",
      },
      body: JSON.stringify(entity),
      agent: agentOf(this.azure.proxy),
    });
    if (answer.status !== 204) throw new Error(`The table answered ${answer.status}.`);
  }

  /** A terminal with a Flow key; the key. */
  async terminal(name = terminalId, properties: Record<string, string> = {}): Promise<string> {
    const key = newKey();
    await this.row(name, { currentKeySha256: sha256(key), previousKeySha256: "", ...properties });
    return key;
  }

  /** The headers of a terminal's call. */
  keys(flowKey: string, name = terminalId): Record<string, string> {
    return withKey(this.subscriptionKey, { "X-Terminal-Id": name, "X-Terminal-Key": flowKey });
  }

  lookUp(
    headers: Record<string, string>,
    path = "/flow/v1/employees/1001",
    options: RequestOptions & { body?: string } = {},
  ): Promise<Answer> {
    return this.azure.get(path, headers, options);
  }

  private get account(): string {
    return `${this.azure.group}/providers/Microsoft.Storage/storageAccounts/${accountName}`;
  }

  private async createTable(): Promise<void> {
    const { azure } = this.azure;
    const put = (id: string, type: string, name: string, properties: Record<string, unknown> = {}) =>
      azure.resources.put({ id, type, name, location: "norwayeast", properties });
    put(this.account, "Microsoft.Storage/storageAccounts", accountName, {
      minimumTlsVersion: "TLS1_2",
      supportsHttpsTrafficOnly: true,
      allowSharedKeyAccess: false,
    });
    const table = `${this.account}/tableServices/default/tables/${keyTable}`;
    put(table, "Microsoft.Storage/storageAccounts/tableServices/tables", keyTable);
    const operator = azure.directory.addServicePrincipal("operator");
    grantRole(azure, operator.objectId, "Storage Table Data Contributor", this.account);
    this.operatorToken = (await azure.tokens.issue(operator, "https://storage.azure.com")).token;
  }
}
