import type { Block, Section, Sheet, Table } from "./sheet.ts";

/** Renders a sheet as Markdown. The picture is drawn with characters. */
export function renderSheetMarkdown(sheet: Sheet): string {
  const { words, title, subtitle, version, date, sections } = sheet;
  const head = [
    `# ${title}`,
    subtitle,
    `${words.version}: ${version}  \n${words.date}: ${date}`,
    `**${words.contents}**`,
    sections.map(({ title: name }) => `- ${name}`).join("\n"),
  ];
  return `${[...head, ...sections.map((section) => renderMarkdownSection(section, sheet))].join("\n\n")}\n`;
}

/** One section with its heading. */
export function renderMarkdownSection({ title, blocks }: Section, sheet: Sheet): string {
  return [`## ${title}`, ...blocks.map((block) => renderBlock(block, sheet))].join("\n\n");
}

function renderBlock(block: Block, sheet: Sheet): string {
  switch (block.kind) {
    case "text":
      return block.text;
    case "warning":
      return `> ${block.text}`;
    case "heading":
      return `### ${block.text}`;
    case "list":
      return block.items
        .map((item, index) => `${block.isOrdered ? `${index + 1}.` : "-"} ${item}`)
        .join("\n");
    case "table":
      return renderTable(block);
    case "code":
      return `${block.title}:\n\n\`\`\`\n${block.text}\n\`\`\``;
    case "picture":
      return drawPicture(sheet);
  }
}

function renderTable({ columns, rows }: Table): string {
  const line = (cells: string[]) => `| ${cells.join(" | ")} |`;
  return [
    line(columns),
    line(columns.map(() => "---")),
    ...rows.map((row) =>
      line("heading" in row ? [`**${row.heading}**`, ...columns.slice(1).map(() => "")] : row.cells),
    ),
  ].join("\n");
}

function drawPicture({ words: { picture }, input }: Sheet): string {
  const host = (service: string) =>
    input.list.destinations.find((row) => row.service === service)?.host ?? "";
  const start = `${picture.terminal} --> [${picture.proxy}] --> ${picture.firewall} -->`;
  const ends = [
    `${picture.hub}, West Europe: ${host("iot-hub")}`,
    `${picture.files}, West Europe: ${host("blob-storage")}`,
    `${picture.flow}, Norway East: ${host("flow-api")}`,
    `${picture.teamviewer}: ${host("teamviewer")}`,
    picture.otherDetail,
  ];
  const lines = ends.map((end, index) => `${index === 0 ? start : " ".repeat(start.length)} ${end}`);
  return `\`\`\`\n${lines.join("\n")}\n\`\`\`\n\n${picture.outboundOnly}`;
}
