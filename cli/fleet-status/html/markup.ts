import { printable } from "../../lib/printable.ts";

/** Markup that is safe to insert into a page as it is. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** A line break of the page's own, inside an attribute or a title. */
export const lineBreak = new Markup("\n");

type Value = Markup | string | number | Value[];

/**
 * Template tag for markup. It escapes every value that is not `Markup` itself, so that no data, such as the name of
 * a site, can add markup to the page, or hide and reorder its text.
 */
export function html(parts: TemplateStringsArray, ...values: Value[]): Markup {
  return new Markup(
    parts.reduce((text, part, index) => text + escapeValue(values[index - 1] as Value) + part),
  );
}

function escapeValue(value: Value): string {
  if (value instanceof Markup) return value.text;
  if (Array.isArray(value)) return value.map(escapeValue).join("");
  // HTML does not allow U+FFFE and U+FFFF.
  const text = printable(String(value)).replace(/[\ufffe\uffff]/g, "\ufffd");
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
