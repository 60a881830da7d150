import { createHash } from "node:crypto";
import { z } from "zod";
import type { AzureEnvironment } from "../../../core/azure-environment.ts";
import { HubError } from "../errors.ts";
import type { Hub } from "../hub.ts";
import type { DeviceRow } from "../registry/device-table.ts";
import { twinJson } from "../twins/twins.ts";
import { type Column, type Path, parseQuery, type Query } from "./parser.ts";
import type { QueryIndex } from "./query-index.ts";
import { conditionSql, jsonOf, type Sql } from "./sql.ts";

/** One page of a query's answer. */
export interface Page {
  items: unknown[];
  /** The service's x-ms-item-type. */
  itemType: "Twin" | "Raw";
  /** Given to ask for the next page; undefined on the last. */
  continuation: string | undefined;
}

const defaultPage = 100;
const maxPage = 1000;
/** SQLite's result code for a statement that is too complex, among others. */
const sqliteError = 1;

/** Runs IoT Hub queries as SQLite queries over the devices, page by page. */
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
   * @param options.continuation What the page before gave.
   * @throws HubError ArgumentInvalid for a query or a continuation that is not valid.
   */
  run(hub: Hub, text: string, options: { pageSize?: number; continuation?: string }): Page {
    try {
      return this.page(hub, text, options);
    } catch (error) {
      const { errcode, stack } = error as { errcode?: number; stack?: string };
      if (errcode !== sqliteError && !(error instanceof RangeError)) throw error;
      this.azure.log(`${hub.host}: a query that SQLite does not take: ${stack}`);
      throw new HubError("ArgumentInvalid", "BadRequest: The query is too much for the sandbox.");
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
    const selected: Sql =
      query.select === "*"
        ? { text: "*", values: [] }
        : { text: projection(columns), values: places(columns) };
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
    const stray = columns.find((column) => "path" in column && !samePath(column.path, query.groupBy));
    if (columns.length === 0 || stray) {
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

const paths = (columns: Column[]): Path[] =>
  columns.flatMap((column) => ("path" in column ? column.path : []));

const projection = (columns: Column[]): string =>
  paths(columns)
    .map((path, index) => `${jsonOf(path).text} AS c${index}`)
    .join(", ");

const places = (columns: Column[]) => paths(columns).flatMap((path) => jsonOf(path).values);

/** What is not there is left out. */
function project(row: Record<string, unknown>, columns: Column[]): Record<string, unknown> {
  const values = columns.map((column, index) => [column.name, fromJson(row[`c${index}`])]);
  return Object.fromEntries(values.filter(([, value]) => value !== undefined));
}

const fromJson = (json: unknown): unknown => (json === null ? undefined : JSON.parse(json as string));

const samePath = (left: Path, right: Path | undefined): boolean =>
  left.segments.join(".") === right?.segments.join(".");

const placeSchema = z.strictObject({ after: z.string(), seen: z.number().int().min(0), query: z.string() });
type ContinuationToken = Omit<z.infer<typeof placeSchema>, "query">;

const digest = (text: string) => createHash("sha256").update(text).digest("base64url").slice(0, 12);

const writeContinuation = (place: ContinuationToken, query: string): string =>
  Buffer.from(JSON.stringify({ ...place, query: digest(query) })).toString("base64");

function readContinuation(token: string, query: string): ContinuationToken {
  try {
    const place = placeSchema.parse(JSON.parse(Buffer.from(token, "base64").toString()));
    if (place.query === digest(query)) return place;
  } catch {
    // Falls through to the refusal: a token that is not ours.
  }
  throw new HubError("ArgumentInvalid", "BadRequest: The continuation does not belong to this query.");
}
