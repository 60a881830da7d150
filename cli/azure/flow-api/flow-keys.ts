import { createHash, randomBytes } from "node:crypto";
import { odata, type RestError, type TableClient, type TransactionAction } from "@azure/data-tables";
import { explained, type Permission, statusOf } from "../../lib/errors.ts";

/** A terminal's Flow key as the gateway looks it up on every call: its hash, never the key. */
export interface FlowKeyRow {
  /** Base64 of SHA-256 of the key as it is sent. */
  currentKeySha256: string;
  /** The key before a rotation, accepted as well; empty when there is none. */
  previousKeySha256: string;
  /** Anything but "active" is refused. */
  status: "active" | "revoked";
  site: string;
  /** ISO 8601. */
  keyCreatedAt: string;
  /** Base64 of SHA-256 of the customer's shared key in the hand-over that the row was made for; "" when unknown. */
  sharedKeySha256: string;
}

/** A table takes 100 changes of one partition at once. */
const transactionSize = 100;

/** A new Flow key: base64 of 32 random bytes. With that much chance in it, a plain hash is safe to store. */
export function mintFlowKey(): string {
  return randomBytes(32).toString("base64");
}

/** What the table keeps of a key. */
export function hashFlowKey(key: string): string {
  return createHash("sha256").update(key, "utf8").digest("base64");
}

/** The Flow keys' table: one row a terminal, in the partition of its customer. */
export class FlowKeys {
  private readonly table: TableClient;
  private readonly permission: () => Permission;

  constructor(table: TableClient, permission: () => Permission) {
    this.table = table;
    this.permission = permission;
  }

  /** A terminal's row; undefined when it has none. */
  async get(customer: string, terminal: string): Promise<FlowKeyRow | undefined> {
    return (await this.read(customer, terminal))?.row;
  }

  /**
   * Adds rows; a row that is there is left as it is.
   * @returns The terminals that have a row with another key.
   */
  async add(customer: string, rows: ReadonlyMap<string, FlowKeyRow>): Promise<Set<string>> {
    const taken = new Set<string>();
    const all = [...rows];
    for (let start = 0; start < all.length; start += transactionSize) {
      const some = all.slice(start, start + transactionSize);
      const actions = some.map(
        ([terminal, row]): TransactionAction => [
          "create",
          { partitionKey: customer, rowKey: terminal, ...row },
        ],
      );
      try {
        await this.table.submitTransaction(actions);
      } catch (error) {
        // One row that is there undoes all of them; it may be ours, from a try whose answer was lost.
        if (statusOf(error) !== 409) throw await this.told(error, "writing the Flow keys' rows");
        for (const [terminal, row] of some) {
          if (!(await this.addOne(customer, terminal, row))) taken.add(terminal);
        }
      }
    }
    return taken;
  }

  /**
   * Makes the gateway refuse a terminal's key from its next call on.
   * @returns The row as it is after that; undefined when there is none.
   */
  async revoke(customer: string, terminal: string): Promise<FlowKeyRow | undefined> {
    try {
      await this.table.updateEntity({ partitionKey: customer, rowKey: terminal, status: "revoked" }, "Merge");
    } catch (error) {
      if (statusOf(error) !== 404) throw await this.told(error, `revoking the Flow key of ${terminal}`);
    }
    return this.get(customer, terminal);
  }

  /** A terminal's row with its ETag, to change it only if nobody else has. */
  async read(customer: string, terminal: string): Promise<{ row: FlowKeyRow; etag: string } | undefined> {
    try {
      const { etag, ...entity } = await this.table.getEntity<FlowKeyRow>(customer, terminal);
      return { row: rowOf(entity), etag };
    } catch (error) {
      if (statusOf(error) === 404 && (error as RestError).code !== "TableNotFound") return undefined;
      throw await this.told(error, `reading the Flow key's row of ${terminal}`);
    }
  }

  /**
   * Changes parts of a row if it is still the one with this ETag.
   * @returns Whether it was; false when somebody changed it meanwhile, or an earlier try's answer was lost.
   */
  async change(
    customer: string,
    terminal: string,
    part: Partial<FlowKeyRow>,
    etag: string,
  ): Promise<boolean> {
    try {
      const entity = { partitionKey: customer, rowKey: terminal, ...part };
      await this.table.updateEntity(entity, "Merge", { etag });
      return true;
    } catch (error) {
      const status = statusOf(error);
      if (status === 412 || status === 404) return false;
      throw await this.told(error, `changing the Flow key's row of ${terminal}`);
    }
  }

  /**
   * Puts a row in the place of what is there, whatever it is.
   * @returns Its ETag, for `change`.
   */
  async put(customer: string, terminal: string, row: FlowKeyRow): Promise<string> {
    const putting = this.table.upsertEntity({ partitionKey: customer, rowKey: terminal, ...row }, "Replace");
    const { etag } = await explained(putting, `writing the Flow key's row of ${terminal}`, this.permission);
    return etag as string;
  }

  /**
   * Makes a row that refuses every key, where there is none: a terminal that is revoked before it was wholly
   * onboarded must not be let in by the run that goes on with it.
   */
  async bar(customer: string, terminal: string, site: string): Promise<void> {
    const row: FlowKeyRow = {
      currentKeySha256: hashFlowKey(mintFlowKey()),
      previousKeySha256: "",
      status: "revoked",
      site,
      keyCreatedAt: new Date().toISOString(),
      sharedKeySha256: "",
    };
    try {
      await this.table.createEntity({ partitionKey: customer, rowKey: terminal, ...row });
    } catch (error) {
      if (statusOf(error) !== 409) throw await this.told(error, `writing the Flow key's row of ${terminal}`);
      await this.revoke(customer, terminal);
    }
  }

  /** Deletes a row. It is no error when it is gone already. */
  async delete(customer: string, terminal: string): Promise<void> {
    try {
      await this.table.deleteEntity(customer, terminal);
    } catch (error) {
      if (statusOf(error) !== 404) throw await this.told(error, `deleting the Flow key's row of ${terminal}`);
    }
  }

  /** The rows of one customer, or of all, in the order of customer and terminal. */
  async *rows(customer?: string): AsyncGenerator<{ customer: string; terminal: string } & FlowKeyRow> {
    const filter = customer ? { filter: odata`PartitionKey eq ${customer}` } : {};
    const listed = this.table.listEntities<FlowKeyRow>({ queryOptions: filter });
    try {
      for await (const row of listed) {
        yield { customer: row.partitionKey as string, terminal: row.rowKey as string, ...rowOf(row) };
      }
    } catch (error) {
      throw await this.told(error, "reading the Flow keys' rows");
    }
  }

  /** The customers that have a row for a terminal of this name; reads the whole table. */
  async customersOf(terminal: string): Promise<string[]> {
    const customers: string[] = [];
    const filter = odata`RowKey eq ${terminal}`;
    const rows = this.table.listEntities({ queryOptions: { filter, select: ["PartitionKey"] } });
    const all = (async () => {
      for await (const row of rows) customers.push(row.partitionKey as string);
    })();
    await explained(all, `looking for the Flow key's row of ${terminal}`, this.permission);
    return customers;
  }

  private async addOne(customer: string, terminal: string, row: FlowKeyRow): Promise<boolean> {
    try {
      await this.table.createEntity({ partitionKey: customer, rowKey: terminal, ...row });
      return true;
    } catch (error) {
      if (statusOf(error) !== 409) throw await this.told(error, `writing the Flow key's row of ${terminal}`);
      const there = await this.get(customer, terminal);
      return there?.currentKeySha256 === row.currentKeySha256 && there.status === "active";
    }
  }

  private async told(error: unknown, doing: string): Promise<never> {
    return explained(Promise.reject(error), doing, this.permission);
  }
}

function rowOf(entity: Partial<FlowKeyRow>): FlowKeyRow {
  const { currentKeySha256 = "", previousKeySha256 = "", site = "", keyCreatedAt = "" } = entity;
  const { status = "revoked", sharedKeySha256 = "" } = entity;
  return { currentKeySha256, previousKeySha256, status, site, keyCreatedAt, sharedKeySha256 };
}
