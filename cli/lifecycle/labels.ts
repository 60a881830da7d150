import { z } from "zod";
import { printableText, whyInvalid } from "../lib/ids.ts";
import { OperatorError } from "../lib/operator-error.ts";
import { t } from "../words/translate.ts";

/** Names of labels: they are keys in the device twin's tags, which must not contain a dot, a dollar sign or a space. */
const labelKey = z.string().regex(/^[a-z0-9](?:[a-z0-9_-]{0,38}[a-z0-9])?$/, {
  error: () => t`must be 1 to 40 of a-z, 0-9, hyphens and underscores, with a letter or a digit at both ends`,
});
const labelValue = printableText(100);

/** Most labels of a terminal. All tags of a device twin have at most 8 KB ("Understand and use device twins"). */
export const maxLabels = 20;

/** The longest note, in characters. */
export const maxNoteLength = 500;

/** What operators have written down about a terminal. The terminal cannot read it. */
export interface Labels {
  /** By name, sorted. */
  labels: Record<string, string>;
  note?: string;
}

/** A change of a terminal's labels and note. */
export interface LabelChange {
  set: Record<string, string>;
  /** Names of labels to remove. */
  remove: string[];
  /** Empty removes the note; undefined leaves it as it is. */
  note?: string;
}

/** A condition on the labels: the label exists, or has this value. */
export interface LabelFilter {
  key: string;
  value?: string;
}

/** Reads the labels and the note from the tags of a device twin. Other software can write tags of any shape. */
export function labelsOf(tags: Record<string, unknown> | undefined): Labels {
  const { labels, note } = tags ?? {};
  const entries = typeof labels === "object" && labels !== null ? Object.entries(labels) : [];
  const texts = entries.filter((one): one is [string, string] => typeof one[1] === "string");
  return {
    labels: Object.fromEntries(texts.sort(([a], [b]) => (a < b ? -1 : 1))),
    ...(typeof note === "string" && note !== "" ? { note } : {}),
  };
}

/** Whether labels match all filters. */
export function matchesLabels({ labels }: Pick<Labels, "labels">, filters: readonly LabelFilter[]): boolean {
  return filters.every(({ key, value }) => {
    const found = Object.hasOwn(labels, key) ? labels[key] : undefined;
    return found !== undefined && (value === undefined || found === value);
  });
}

/** Labels for people, for example "floor=2, spare=yes"; empty without labels. */
export function formatLabels({ labels }: Pick<Labels, "labels">): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(", ");
}

/** Parses KEY=VALUE. @throws OperatorError when it is not a label. */
export function parseLabel(text: string): { key: string; value: string } {
  const { key, value } = splitLabel(text);
  if (value === undefined)
    throw new OperatorError("usage", t`the label ${JSON.stringify(text)} has no value: KEY=VALUE`);
  return { key, value };
}

/** Parses KEY=VALUE or KEY. @throws OperatorError when it is neither. */
export function parseLabelFilter(text: string): LabelFilter {
  return splitLabel(text);
}

/** @throws OperatorError when a note is too long or has control characters. */
export function checkNote(note: string | undefined): string | undefined {
  const text = note?.trim();
  const wrong = text ? whyInvalid(printableText(maxNoteLength), text) : undefined;
  if (wrong) throw new OperatorError("usage", `--note ${wrong}`);
  return text;
}

/** @throws OperatorError when it is not the name of a label. */
export function checkLabelKey(key: string): string {
  const wrong = whyInvalid(labelKey, key);
  if (wrong) throw new OperatorError("usage", t`the name of the label ${JSON.stringify(key)} ${wrong}`);
  return key;
}

function splitLabel(text: string): { key: string; value?: string } {
  const at = text.indexOf("=");
  const key = checkLabelKey((at < 0 ? text : text.slice(0, at)).trim().toLowerCase());
  if (at < 0) return { key };
  const value = text.slice(at + 1).trim();
  const wrong = whyInvalid(labelValue, value);
  if (wrong) throw new OperatorError("usage", t`the value of the label ${key} ${wrong}`);
  return { key, value };
}
