import { createHash } from "node:crypto";
import { z } from "zod";
import type { AzureEnvironment } from "../../../core/azure-environment.ts";
import { HubError } from "../errors.ts";
import type { Hub } from "../hub.ts";
import { parseExact } from "../parse-json.ts";
import type { DeviceRow } from "../registry/device-table.ts";
import { twinJson } from "../twins/twins.ts";
import { parseQuery } from "./parser.ts";
import type { QueryIndex } from "./query-index.ts";
import { conditionSql, jsonOf, type Sql } from "./sql.ts";
import type { Column, Path, Query } from "./syntax-tree.ts";

/** One page of a query's result. */
export interface Page {
  items: unknown[];
  /** The service's x-ms-item-type. */
  itemType: "Twin" | "Raw";
  /** The token for the next page; undefined on the last page. */
  continuation: string | undefined;
}

const defaultPage = 100;
const maxPage = 1000;
/** SQLite's general error code, which a too complex statement gets. */
const sqliteErrorCode = 1;

/** Runs IoT Hub queries as SQL queries in SQLite, page by page. */
export class Queries {
  private readonly azure: AzureEnvironment;
  private readonly index: QueryIndex;
  private readonly pendingMessages: (hub: string, id: string) => number;

  constructor(
    azure: AzureEnvironment,
    index: QueryIndex,
    pendingMessages: (hub: string, id: string) => number,
  ) {
    this.azure = azure;
    this.index = index;
    this.pendingMessages = pendingMessages;
  }

  /**
   * @param options.pageSize The caller's x-ms-max-item-count.
   * @param options.continuation The token of the page before.
   * @throws HubError ArgumentInvalid for an invalid query or token.
   */
  run(hub: Hub, text: string, options: { pageSize?: number; continuation?: string }): Page {
    try {
      return this.page(hub, text, options);
    } catch (error) {
      const { errcode, stack } = error as { errcode?: number; stack?: string };
      if (errcode !== sqliteErrorCode && !(error instanceof RangeError)) throw error;
      this.azure.log(`${hub.host}: SQLite refused a query: ${stack}`);
      throw new HubError("ArgumentInvalid", "BadRequest: The query is too complex for the sandbox.");
    }
  }

  private page(hub: Hub, text: string, options: { pageSize?: number; continuation?: string }): Page {
    const query = parseQuery(text);
    const columns = query.select === "*" ? [] : query.select;
    if (query.groupBy || columns.some((column) => "count" in column)) return this.aggregate(hub, query);
    const pageSize = Math.min(Math.max(1, options.pageSize ?? defaultPage), maxPage);
    const start = options.continuation
      ? readContinuation(options.continuation, text)
      : { after: "", seen: 0 };
    const limit = Math.min(pageSize, (query.top ?? Number.POSITIVE_INFINITY) - start.seen);
    const selected: Sql = query.select === "*" ? { text: "*", values: [] } : projection(columns);
    const rows = this.rows(hub, selected, query, limit + 1, start.after);
    const page = rows.slice(0, limit);
    const seen = start.seen + page.length;
    const more = rows.length > limit && seen < (query.top ?? Number.POSITIVE_INFINITY);
    return {
      items: page.map((row) => (query.select === "*" ? this.twin(row) : project(row, columns))),
      itemType: query.select === "*" ? "Twin" : "Raw",
      continuation: more ? writeContinuation({ after: page.at(-1)?.id as string, seen }, text) : undefined,
    };
  }

  private twin(row: Record<string, unknown>): unknown {
    // SELECT * returns the columns of DeviceRow.
    const device = row as unknown as DeviceRow;
    return twinJson(device, this.pendingMessages(device.hub, device.id));
  }

  private rows(hub: Hub, selected: Sql, query: Query, limit: number, after: string) {
    const where = query.where && conditionSql(query.where);
    const condition = where ? ` AND (${where.text})` : "";
    return this.azure.store.db
      .prepare(
        `SELECT id, ${selected.text} FROM ${this.index.table()} WHERE hub = ? AND id > ?${condition} ORDER BY id LIMIT ?`,
      )
      .all(...selected.values, hub.key, after, ...(where?.values ?? []), limit) as Record<string, unknown>[];
  }

  private aggregate(hub: Hub, query: Query): Page {
    const columns = query.select === "*" ? [] : query.select;
    const ungrouped = columns.find((column) => "path" in column && !samePath(column.path, query.groupBy));
    if (columns.length === 0 || ungrouped) {
      throw new HubError(
        "ArgumentInvalid",
        "BadRequest: Query: select COUNT() and the grouped property only.",
      );
    }
    const where = query.where && conditionSql(query.where);
    const group = query.groupBy && jsonOf(query.groupBy);
    const rows = this.azure.store.db
      .prepare(
        `SELECT count(*) AS n${group ? `, ${group.text} AS g` : ""} FROM ${this.index.table()} WHERE hub = ?` +
          `${where ? ` AND (${where.text})` : ""}${group ? " GROUP BY g ORDER BY g" : ""}`,
      )
      .all(...(group?.values ?? []), hub.key, ...(where?.values ?? []));
    const items = rows.map((row) => {
      const values = columns.map((column) => [column.name, "count" in column ? row.n : fromJson(row.g)]);
      return Object.fromEntries(values.filter(([, value]) => value !== undefined));
    });
    return { items: query.top ? items.slice(0, query.top) : items, itemType: "Raw", continuation: undefined };
  }
}

/** The SQL of selected properties, as the columns c0, c1 and so on. */
function projection(columns: Column[]): Sql {
  const parts = columns.flatMap((column) => ("path" in column ? jsonOf(column.path) : []));
  return {
    text: parts.map(({ text }, index) => `${text} AS c${index}`).join(", "),
    values: parts.flatMap(({ values }) => values),
  };
}

/** One item of the result. A property that the twin does not have is omitted. */
function project(row: Record<string, unknown>, columns: Column[]): Record<string, unknown> {
  const values = columns.map((column, index) => [column.name, fromJson(row[`c${index}`])]);
  return Object.fromEntries(values.filter(([, value]) => value !== undefined));
}

const fromJson = (json: unknown): unknown => (json === null ? undefined : parseExact(json as string));

const samePath = (left: Path, right: Path | undefined): boolean =>
  left.segments.join(".") === right?.segments.join(".");

const tokenSchema = z.strictObject({
  /** ID of the last device of the page. */
  after: z.string(),
  /** Number of items on all pages so far. */
  seen: z.number().int().min(0),
  /** Digest of the query, which the next call must repeat. */
  query: z.string(),
});
type Position = Omit<z.infer<typeof tokenSchema>, "query">;

const digest = (text: string) => createHash("sha256").update(text).digest("base64url").slice(0, 12);

const writeContinuation = (position: Position, query: string): string =>
  Buffer.from(JSON.stringify({ ...position, query: digest(query) })).toString("base64");

function readContinuation(token: string, query: string): Position {
  try {
    const position = tokenSchema.parse(JSON.parse(Buffer.from(token, "base64").toString()));
    if (position.query === digest(query)) return position;
  } catch {
    // Not a token of the sandbox: refused below.
  }
  throw new HubError("ArgumentInvalid", "BadRequest: The continuation does not belong to this query.");
}
