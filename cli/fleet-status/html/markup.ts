/** Markup that is safe to insert into a page as it is. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Value = Markup | string | number | Value[];

/**
 * Template tag for markup. It escapes every value that is not `Markup` itself, so that no data, such as the name of
 * a site, can add markup to the page.
 */
export function html(parts: TemplateStringsArray, ...values: Value[]): Markup {
  return new Markup(
    parts.reduce((text, part, index) => text + escapeValue(values[index - 1] as Value) + part),
  );
}

function escapeValue(value: Value): string {
  if (value instanceof Markup) return value.text;
  if (Array.isArray(value)) return value.map(escapeValue).join("");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: HTML does not allow these characters.
  const text = String(value).replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "\ufffd");
  return text.toWellFormed().replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
