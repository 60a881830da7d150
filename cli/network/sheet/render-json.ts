import { renderMarkdownSection } from "./render-markdown.ts";
import type { Sheet } from "./sheet.ts";

/** A sheet for programs: the list, what changed, the addresses and rules, and the sections as Markdown. Version 1. */
export function sheetValue(sheet: Sheet): object {
  const { input, title, version, date, sections } = sheet;
  const { list, language, rules, since, serviceTags } = input;
  return {
    version: 1,
    language,
    title,
    sheetVersion: version,
    date,
    list,
    since: since ? since.list.createdAt : null,
    changes: since?.changes ?? [],
    serviceTags: serviceTags ?? null,
    rules,
    sections: sections.map((section) => ({
      id: section.id,
      title: section.title,
      markdown: renderMarkdownSection(section, sheet),
    })),
  };
}
