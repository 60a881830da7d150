import { createHash } from "node:crypto";
import type { Language } from "../../words/language.ts";
import type { RowChange } from "../compare-lists.ts";
import type { EndpointList } from "../endpoint-list.ts";
import type { RuleText } from "../rules/rule-format.ts";
import type { ServiceTags } from "../service-tags.ts";
import type { SheetWords } from "../words/words.ts";

/** What a sheet is made from. Everything about destinations is in the list. */
export interface SheetInput {
  list: EndpointList;
  language: Language;
  rules: RuleText[];
  /** The older list and what changed since. */
  since?: { list: EndpointList; changes: RowChange[] };
  serviceTags?: ServiceTags;
}

/** A table. The first column of a row is its heading. */
export interface Table {
  kind: "table";
  /** Name of the table for screen readers; shown as a heading where it is set to be. */
  caption: string;
  columns: string[];
  rows: TableRow[];
  /** Widths of the columns on paper and large screens, in percent. */
  widths?: number[];
}

/** Cells, or a heading over the rows that follow. */
export type TableRow = { cells: string[] } | { heading: string };

/** A part of a section. Texts are inline Markdown: `code`, **bold** and [links](url). */
export type Block =
  | { kind: "text"; text: string }
  | { kind: "warning"; text: string }
  | { kind: "list"; items: string[]; isOrdered?: boolean }
  | Table
  | { kind: "code"; title: string; text: string; isFolded?: boolean }
  | { kind: "heading"; text: string }
  | { kind: "picture" };

export interface Section {
  id: string;
  title: string;
  blocks: Block[];
}

/** A sheet that is ready to be rendered. */
export interface Sheet {
  input: SheetInput;
  words: SheetWords;
  title: string;
  subtitle: string;
  /** For example "2026-12-24 (3f2a9c01)": the day of the list, and the beginning of a hash of its rows. */
  version: string;
  /** Day of the list, for example 2026-12-24. */
  date: string;
  sections: Section[];
}

/** The version of a list: its day, and a hash that differs when any row does. */
export function versionOf({ createdAt, destinations }: EndpointList): string {
  const hash = createHash("sha256").update(JSON.stringify(destinations)).digest("hex");
  return `${createdAt.slice(0, 10)} (${hash.slice(0, 8)})`;
}

/** A text from outside, such as a name, with its Markdown characters escaped. */
export function plain(text: string): string {
  return text.replace(/[\\`*_[\]()<>#|]/g, (character) => `\\${character}`);
}

/** A text in code style. No host, port or thumbprint contains a backtick. */
export const code = (text: string): string => `\`${text.replaceAll("`", "")}\``;
