import { randomBytes } from "node:crypto";
import { odata, type RestError, type TableClient, type TransactionAction } from "@azure/data-tables";
import { sha256Base64 } from "../../lib/sha256.ts";
import { t } from "../../words/translate.ts";
import { explain, explained, type Permission, statusOf } from "../explain-error.ts";

/** A row of the key table, which the gateway reads on every call. It holds hashes and no keys. */
export interface FlowKeyRow {
  /** Base64 of SHA-256 of the key as it is sent. */
  currentKeySha256: string;
  /** The key before a rotation, which is accepted too; empty when there is none. */
  previousKeySha256: string;
  /** The gateway rejects any status but "active". */
  status: "active" | "revoked";
  site: string;
  /** ISO 8601. */
  keyCreatedAt: string;
  /** Base64 of SHA-256 of the subscription key in the credential bundle of this row; "" when unknown. */
  sharedKeySha256: string;
}

/** A table transaction changes at most 100 rows of one partition. */
const transactionSize = 100;

/** Creates a Flow key: base64 of 32 random bytes. A plain hash of so many random bits is safe to store. */
export function mintFlowKey(): string {
  return randomBytes(32).toString("base64");
}

/** The key table: one row per terminal, in the partition of its customer. */
export class FlowKeys {
  private readonly table: TableClient;
  private readonly permission: () => Permission;

  constructor(table: TableClient, permission: () => Permission) {
    this.table = table;
    this.permission = permission;
  }

  /** Reads a terminal's row; undefined when there is none. */
  async get(customer: string, terminal: string): Promise<FlowKeyRow | undefined> {
    return (await this.read(customer, terminal))?.row;
  }

  /**
   * Adds rows. Existing rows are not changed.
   * @returns The terminals with an existing row that has another key.
   */
  async add(customer: string, rows: ReadonlyMap<string, FlowKeyRow>): Promise<Set<string>> {
    const taken = new Set<string>();
    const all = [...rows];
    for (let start = 0; start < all.length; start += transactionSize) {
      const chunk = all.slice(start, start + transactionSize);
      const actions = chunk.map(
        ([terminal, row]): TransactionAction => [
          "create",
          { partitionKey: customer, rowKey: terminal, ...row },
        ],
      );
      try {
        await this.table.submitTransaction(actions);
      } catch (error) {
        // One existing row fails the whole transaction. It may be ours, when an earlier response was lost.
        if (statusOf(error) !== 409) throw this.explain(error, t`writing the Flow key rows`);
        for (const [terminal, row] of chunk) {
          if (!(await this.addOne(customer, terminal, row))) taken.add(terminal);
        }
      }
    }
    return taken;
  }

  /**
   * Revokes a terminal's Flow key. The gateway rejects it from the next call on.
   * @returns The row after the change; undefined when there is none.
   */
  async revoke(customer: string, terminal: string): Promise<FlowKeyRow | undefined> {
    try {
      await this.table.updateEntity({ partitionKey: customer, rowKey: terminal, status: "revoked" }, "Merge");
    } catch (error) {
      if (statusOf(error) !== 404) throw this.explain(error, t`revoking the Flow key of ${terminal}`);
    }
    return this.get(customer, terminal);
  }

  /** Reads a terminal's row with its ETag, for `update`; undefined when there is none. */
  async read(customer: string, terminal: string): Promise<{ row: FlowKeyRow; etag: string } | undefined> {
    try {
      const { etag, ...entity } = await this.table.getEntity<FlowKeyRow>(customer, terminal);
      return { row: rowOf(entity), etag };
    } catch (error) {
      if (statusOf(error) === 404 && (error as RestError).code !== "TableNotFound") return undefined;
      throw this.explain(error, t`reading the Flow key row of ${terminal}`);
    }
  }

  /**
   * Changes columns of a row under its ETag.
   * @returns False when the row was modified or deleted since it was read. It is also false when the change was made, but
   *   the response was lost and the SDK sent the request again.
   */
  async update(
    customer: string,
    terminal: string,
    columns: Partial<FlowKeyRow>,
    etag: string,
  ): Promise<boolean> {
    try {
      const entity = { partitionKey: customer, rowKey: terminal, ...columns };
      await this.table.updateEntity(entity, "Merge", { etag });
      return true;
    } catch (error) {
      const status = statusOf(error);
      if (status === 412 || status === 404) return false;
      throw this.explain(error, t`changing the Flow key row of ${terminal}`);
    }
  }

  /**
   * Adds a row, or replaces an existing one.
   * @returns Its ETag, for `update`.
   */
  async put(customer: string, terminal: string, row: FlowKeyRow): Promise<string> {
    const putting = this.table.upsertEntity({ partitionKey: customer, rowKey: terminal, ...row }, "Replace");
    const { etag } = await explained(putting, t`writing the Flow key row of ${terminal}`, this.permission);
    return etag as string;
  }

  /**
   * Adds a revoked row for a terminal that has none, or revokes the existing row. Without it, an interrupted onboarding of a
   * revoked terminal would add an active row when it resumes.
   */
  async addRevoked(customer: string, terminal: string, site: string): Promise<void> {
    const row: FlowKeyRow = {
      currentKeySha256: sha256Base64(mintFlowKey()),
      previousKeySha256: "",
      status: "revoked",
      site,
      keyCreatedAt: new Date().toISOString(),
      sharedKeySha256: "",
    };
    try {
      await this.table.createEntity({ partitionKey: customer, rowKey: terminal, ...row });
    } catch (error) {
      if (statusOf(error) !== 409) throw this.explain(error, t`writing the Flow key row of ${terminal}`);
      await this.revoke(customer, terminal);
    }
  }

  /** Deletes a row. A missing row is no error. */
  async delete(customer: string, terminal: string): Promise<void> {
    try {
      await this.table.deleteEntity(customer, terminal);
    } catch (error) {
      if (statusOf(error) !== 404) throw this.explain(error, t`deleting the Flow key row of ${terminal}`);
    }
  }

  /** The rows of one customer, or of all, sorted by customer and terminal. */
  async *rows(customer?: string): AsyncGenerator<{ customer: string; terminal: string } & FlowKeyRow> {
    const queryOptions = customer ? { filter: odata`PartitionKey eq ${customer}` } : {};
    const entities = this.table.listEntities<FlowKeyRow>({ queryOptions });
    try {
      for await (const entity of entities) {
        yield {
          customer: entity.partitionKey as string,
          terminal: entity.rowKey as string,
          ...rowOf(entity),
        };
      }
    } catch (error) {
      throw this.explain(error, t`reading the Flow key rows`);
    }
  }

  /** The customers that have a row for a terminal. It scans the whole table. */
  async customersOf(terminal: string): Promise<string[]> {
    const filter = odata`RowKey eq ${terminal}`;
    const entities = this.table.listEntities({ queryOptions: { filter, select: ["PartitionKey"] } });
    const reading = Array.fromAsync(entities, ({ partitionKey }) => partitionKey as string);
    return explained(reading, t`looking up the Flow key rows of ${terminal}`, this.permission);
  }

  private async addOne(customer: string, terminal: string, row: FlowKeyRow): Promise<boolean> {
    try {
      await this.table.createEntity({ partitionKey: customer, rowKey: terminal, ...row });
      return true;
    } catch (error) {
      if (statusOf(error) !== 409) throw this.explain(error, t`writing the Flow key row of ${terminal}`);
      const existing = await this.get(customer, terminal);
      return existing?.currentKeySha256 === row.currentKeySha256 && existing.status === "active";
    }
  }

  private explain(error: unknown, doing: string): unknown {
    return explain(error, doing, this.permission);
  }
}

function rowOf(entity: Partial<FlowKeyRow>): FlowKeyRow {
  const { currentKeySha256 = "", previousKeySha256 = "", site = "", keyCreatedAt = "" } = entity;
  const { status = "revoked", sharedKeySha256 = "" } = entity;
  return { currentKeySha256, previousKeySha256, status, site, keyCreatedAt, sharedKeySha256 };
}
