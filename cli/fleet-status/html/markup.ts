/** A piece of markup that is safe to put into a page. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Piece = Markup | string | number | Piece[];

/**
 * Markup from a template; what is put into it is escaped, unless it is markup itself. All data goes through here, so
 * that no name of a site can become a part of the page.
 */
export function html(parts: TemplateStringsArray, ...pieces: Piece[]): Markup {
  return new Markup(parts.reduce((text, part, index) => text + written(pieces[index - 1] as Piece) + part));
}

function written(piece: Piece): string {
  if (piece instanceof Markup) return piece.text;
  if (Array.isArray(piece)) return piece.map(written).join("");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: no page may hold these.
  const text = String(piece).replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "\ufffd");
  return text.toWellFormed().replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
