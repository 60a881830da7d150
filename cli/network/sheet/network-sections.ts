import type { ServiceTags } from "../service-tags.ts";
import type { SheetWords } from "../words/words.ts";
import { createInspectionRows } from "./row-sections.ts";
import { hostText, portText, proseBlocks } from "./section-parts.ts";
import { type Block, code, type Section, type SheetInput } from "./sheet.ts";

/*
 * Sections about the customer's network: proxies, inspection, addresses, TeamViewer.
 */

export function createProxySections(input: SheetInput, words: SheetWords): Section[] {
  const { columns } = words;
  return [
    { id: "proxies", title: words.proxies.title, blocks: proseBlocks(words.proxies) },
    {
      id: "tls-inspection",
      title: words.tlsInspection.title,
      blocks: [
        ...proseBlocks(words.tlsInspection),
        {
          kind: "table",
          caption: words.tlsInspection.title,
          columns: [columns.host, columns.inspection, columns.reason],
          rows: createInspectionRows(input, words),
          widths: [34, 16, 50],
        },
      ],
    },
  ];
}

export function createAddressSection({ list, serviceTags }: SheetInput, words: SheetWords): Section {
  return {
    id: "addresses",
    title: words.addresses.title,
    blocks: [
      ...proseBlocks(words.addresses),
      ...(serviceTags ? tagBlocks(serviceTags, words, list.createdAt) : []),
    ],
  };
}

/** Microsoft publishes the file every week, and changes can be used a week later. */
const maxTagDays = 14;
const dayMs = 86_400_000;

/** @param createdAt When the sheet is made. */
function tagBlocks({ date, changeNumber, tags }: ServiceTags, words: SheetWords, createdAt: string): Block[] {
  const ageDays = Math.floor((Date.parse(createdAt) - Date.parse(date ?? createdAt)) / dayMs);
  const { addresses, columns, locale } = words;
  const number = new Intl.NumberFormat(locale);
  const found = tags.filter(({ prefixes }) => prefixes !== undefined);
  const missing = tags.filter(({ prefixes }) => prefixes === undefined);
  return [
    { kind: "text", text: addresses.tagIntroduction(date, changeNumber) },
    ...(date !== undefined && ageDays > maxTagDays
      ? [{ kind: "warning", text: addresses.tagsAreOld(date, ageDays) } as const]
      : []),
    { kind: "warning", text: addresses.tagWarning },
    {
      kind: "table",
      caption: columns.tag,
      columns: [columns.tag, columns.service, columns.addresses],
      rows: found.map(({ name, use, prefixes, addresses: count }) => ({
        cells: [
          code(name),
          addresses.tagUse[use],
          addresses.tagCount(prefixes?.length ?? 0, number.format(count)),
        ],
      })),
      widths: [36, 32, 32],
    },
    { kind: "text", text: addresses.noFlowTag },
    ...missing.map(({ name }): Block => ({ kind: "text", text: addresses.missingTag(name) })),
    ...found.map(
      ({ name, prefixes }): Block => ({
        kind: "code",
        title: addresses.list(name),
        text: (prefixes ?? []).join("\n"),
        isFolded: true,
      }),
    ),
  ];
}

export function createTeamviewerSection({ list, language }: SheetInput, words: SheetWords): Section {
  const { teamviewer, columns } = words;
  const rows = list.destinations.filter(({ service }) => service === "teamviewer");
  const [first] = rows;
  const order = first ? portText(first.ports).split(", ") : [];
  return {
    id: "teamviewer",
    title: teamviewer.title,
    blocks: [
      ...proseBlocks(teamviewer),
      { kind: "text", text: teamviewer.order },
      { kind: "list", items: order, isOrdered: true },
      {
        kind: "table",
        caption: teamviewer.title,
        columns: [columns.host, columns.purpose],
        rows: rows.map((row) => ({ cells: [hostText(row, words), row.purpose[language]] })),
        widths: [34, 66],
      },
      ...(first
        ? [{ kind: "text", text: `${words.sources}: [${first.source}](${first.source})` } as const]
        : []),
    ],
  };
}
