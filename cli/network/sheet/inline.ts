/** A piece of inline Markdown. */
export type Inline =
  | { kind: "text"; text: string }
  | { kind: "code"; text: string }
  | { kind: "bold"; parts: Inline[] }
  | { kind: "link"; parts: Inline[]; url: string };

/** Escaped character, code, bold, link. */
const token = /\\(.)|`([^`]*)`|\*\*((?:\\.|[^\\])+?)\*\*|\[((?:\\.|[^\\\]])*)\]\(([^)\s]*)\)/s;

/** Parses the inline Markdown of the sheet: `code`, **bold**, [links](url) and backslashes before other characters. */
export function parseInline(text: string): Inline[] {
  const parts: Inline[] = [];
  const addText = (value: string) => {
    const last = parts.at(-1);
    if (last?.kind === "text") last.text += value;
    else if (value !== "") parts.push({ kind: "text", text: value });
  };
  let rest = text;
  for (let match = token.exec(rest); match; match = token.exec(rest)) {
    addText(rest.slice(0, match.index));
    const [whole, escaped, code, bold, label, url] = match;
    if (escaped !== undefined) addText(escaped);
    else if (code !== undefined) parts.push({ kind: "code", text: code });
    else if (bold !== undefined) parts.push({ kind: "bold", parts: parseInline(bold) });
    else parts.push({ kind: "link", parts: parseInline(label ?? ""), url: url ?? "" });
    rest = rest.slice(match.index + whole.length);
  }
  addText(rest);
  return parts;
}

/** The text without its marks. */
export function plainText(text: string): string {
  const strip = (parts: Inline[]): string =>
    parts.map((part) => ("parts" in part ? strip(part.parts) : part.text)).join("");
  return strip(parseInline(text));
}
