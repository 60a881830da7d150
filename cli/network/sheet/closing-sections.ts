import { formatField, type RowChange } from "../compare-lists.ts";
import type { SheetWords } from "../words/words.ts";
import { proseBlocks } from "./section-parts.ts";
import { type Block, code, plain, type Section, type SheetInput, type TableRow } from "./sheet.ts";

/*
 * The last sections: who to call, what changed, ready rules.
 */

export function createSupportSection({ list }: SheetInput, words: SheetWords): Section {
  const { support } = words;
  const contact = list.support;
  const lines = contact
    ? [
        `**${support.name}:** ${plain(contact.name)}`,
        ...(contact.phone
          ? [`**${support.phone}:** [${plain(contact.phone)}](tel:${contact.phone.replaceAll(" ", "")})`]
          : []),
        ...(contact.email
          ? [
              `**${support.email}:** [${plain(contact.email)}](mailto:${encodeURIComponent(contact.email).replace("%40", "@")})`,
            ]
          : []),
        ...(contact.hours ? [`**${support.hours}:** ${plain(support.hoursOf(contact.hours))}`] : []),
      ]
    : [support.noContact];
  return {
    id: "support",
    title: support.title,
    blocks: [...proseBlocks(support), { kind: "list", items: lines }],
  };
}

export function createChangeSection({ since, language }: SheetInput, words: SheetWords): Section {
  const { changes, columns } = words;
  const blocks: Block[] = proseBlocks(changes);
  if (!since) blocks.push({ kind: "text", text: changes.first });
  else {
    const day = since.list.createdAt.slice(0, 10);
    const isEqual = since.changes.length === 0;
    blocks.push({ kind: "text", text: isEqual ? changes.nothing(day) : changes.since(day) });
    if (!isEqual) {
      blocks.push({
        kind: "table",
        caption: changes.title,
        columns: [columns.host, columns.change, columns.before, columns.after],
        rows: since.changes.flatMap((change) => changeRows(change, words, language)),
        widths: [28, 16, 28, 28],
      });
    }
  }
  return { id: "changes", title: changes.title, blocks };
}

function changeRows(change: RowChange, { changes, ownDns }: SheetWords, language: "en" | "no"): TableRow[] {
  const name = (host: string | null) => (host === null ? ownDns : code(host));
  if (change.change === "added")
    return [{ cells: [name(change.row.host), changes.added, "–", name(change.row.host)] }];
  if (change.change === "removed") {
    return [{ cells: [name(change.before.host), changes.removed, name(change.before.host), "–"] }];
  }
  return change.fields.map((field) => ({
    cells: [
      name(change.row.host),
      `${changes.changed}: ${changes.fields[field]}`,
      plain(formatField(change.before, field, language)),
      plain(formatField(change.row, field, language)),
    ],
  }));
}

export function createRuleSection({ rules, language }: SheetInput, words: SheetWords): Section {
  const { rules: texts, sources } = words;
  return {
    id: "rules",
    title: texts.title,
    blocks: [
      ...proseBlocks(texts),
      ...rules.flatMap(({ name, note, triedWith, checked, text, fileName, source }): Block[] => [
        { kind: "heading", text: name },
        { kind: "text", text: note[language] },
        {
          kind: "text",
          text: `${triedWith ? `${texts.tried} ${triedWith[language]}` : texts.notTried(checked[language])} ${sources}: [${source}](${source})`,
        },
        { kind: "code", title: `${texts.file} ${fileName}`, text },
      ]),
    ],
  };
}
