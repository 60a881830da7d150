import { isDeepStrictEqual } from "node:util";
import type { Destination, EndpointList, Port } from "./endpoint-list.ts";

/** Members of a row that a change may concern. `since` follows from them. */
const comparedFields = [
  "host",
  "ports",
  "transport",
  "probePath",
  "availability",
  "requirement",
  "direction",
  "region",
  "purpose",
  "protection",
  "revocation",
  "personalData",
  "dataLocation",
  "tlsInspection",
  "tlsInspectionReason",
  "minimumTls",
  "roots",
  "source",
  "service",
] as const satisfies (keyof Destination)[];
export type ComparedField = (typeof comparedFields)[number];

/** Members whose change needs work in the customer's network; the others only explain. */
export const networkFields: ReadonlySet<ComparedField> = new Set([
  "host",
  "ports",
  "transport",
  "availability",
  "requirement",
  "tlsInspection",
  "minimumTls",
  "roots",
]);

/** How one row differs from the older list. */
export type RowChange =
  | { change: "added"; id: string; row: Destination }
  | { change: "removed"; id: string; before: Destination }
  | { change: "changed"; id: string; fields: ComparedField[]; before: Destination; row: Destination };

/** Compares two lists row by row. New rows and changed ones come in the order of the newer list, removed ones last. */
export function compareLists(older: EndpointList, newer: EndpointList): RowChange[] {
  const before = new Map(older.destinations.map((row) => [row.id, row]));
  const ids = new Set(newer.destinations.map(({ id }) => id));
  return [
    ...newer.destinations.flatMap((row) => compareRow(before.get(row.id), row)),
    ...older.destinations
      .filter(({ id }) => !ids.has(id))
      .map((row): RowChange => ({ change: "removed", id: row.id, before: row })),
  ];
}

function compareRow(before: Destination | undefined, row: Destination): RowChange[] {
  const { id } = row;
  if (!before) return [{ change: "added", id, row }];
  const fields = comparedFields.filter((field) => !isDeepStrictEqual(before[field], row[field]));
  return fields.length > 0 ? [{ change: "changed", id, fields, before, row }] : [];
}

/** A port as "tcp 443". */
export const formatPort = ({ protocol, number }: Port): string => `${protocol} ${number}`;

/** A field of a row as short text. */
export function formatField(row: Destination, field: ComparedField, language: "en" | "no"): string {
  const value = row[field];
  if (value === null) return "-";
  if (typeof value === "string") return value;
  if (field === "ports") return row.ports.map(formatPort).join(", ");
  if (field === "roots") return row.roots.map(({ name }) => name).join(", ") || "-";
  return (value as { en: string; no: string })[language];
}
