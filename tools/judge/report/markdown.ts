/*
 * Markdown from values that the judged program chose. Every such value is escaped: a resource cannot add a heading, a
 * table cell, an image or a mention to a report.
 */

/** Characters with a meaning in GitHub's Markdown, and those that act on a terminal. */
const special = /[\\`*_{}[\]()+!|<>~&$]/g;
/** GitHub makes mentions, issues and links of these in the finished page. A zero-width space prevents it. */
const automaticLink = /&#\d+;|[@#]|(?<=https?)(?=:\/\/)/gi;
const unprintable = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]+/gu;

/** Escapes a text, for one line of Markdown. */
export const escapeMarkdown = (text: string): string =>
  text
    .replace(unprintable, " ")
    .replace(special, (character) => `&#${character.charCodeAt(0)};`)
    .replace(automaticLink, (part) => (part.length > 1 ? part : `${part}\u200b`));

/** A text as code, on one line. */
export const code = (text: string): string => `<code>${escapeMarkdown(text)}</code>`;

/** A link of a report's own, whose text is escaped. */
export const link = ({ id, url }: { id: string; url: string }): string =>
  /^https:\/\/[^\s()<>]+$/.test(url) ? `[${escapeMarkdown(id)}](${url})` : escapeMarkdown(id);

/** A table; empty without rows. The cells are Markdown. */
export function table(titles: string[], rows: string[][]): string[] {
  if (rows.length === 0) return [];
  const line = (cells: string[]) => `| ${cells.join(" | ")} |`;
  return [line(titles), line(titles.map(() => "---")), ...rows.map(line), ""];
}

/** Lines that a reader opens with a click; empty when there are none. */
export const details = (title: string, lines: string[]): string[] =>
  lines.length === 0
    ? []
    : [`<details><summary>${escapeMarkdown(title)}</summary>`, "", ...lines, "", "</details>", ""];

/**
 * Joins lines, up to a number of characters. Where they are too many, it ends after a whole line with a sentence that
 * says so, and closes what is open.
 */
export function joinWithin(lines: string[], maximumCharacters: number): string {
  const whole = `${lines.join("\n")}\n`;
  if (whole.length <= maximumCharacters) return whole;
  const kept: string[] = [];
  let openDetails = 0;
  let length = 0;
  const end = (left: number) => [
    "",
    ...Array.from({ length: openDetails }, () => "</details>"),
    "",
    `**The summary is cut here: ${left} of ${lines.length} lines are left out. The whole report is in report.json.**`,
    "",
  ];
  for (const line of lines) {
    // The longest end: a few open details, and the sentence.
    if (length + line.length + 1 > maximumCharacters - 300) break;
    kept.push(line);
    length += line.length + 1;
    if (line.startsWith("<details>")) openDetails += 1;
    if (line === "</details>") openDetails -= 1;
  }
  return [...kept, ...end(lines.length - kept.length)].join("\n");
}
