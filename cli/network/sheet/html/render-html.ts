import { html, Markup } from "../../../fleet-status/html/markup.ts";
import { type Inline, parseInline, plainText } from "../inline.ts";
import type { Block, Section, Sheet, Table } from "../sheet.ts";
import { sheetStyle } from "./page-style.ts";
import { renderPicture } from "./picture.ts";

/** Renders a sheet as one file that loads nothing and runs no script. */
export function renderSheetHtml(sheet: Sheet): string {
  const { words, title, subtitle, version, date, sections } = sheet;
  const markup = html`<html lang="${words.locale}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${title}: ${plainText(subtitle)}</title>
<style>${new Markup(sheetStyle)}</style>
</head>
<body>
<header>
<h1>${title}</h1>
<p>${renderText(subtitle)}</p>
<dl class="facts"><div><dt>${words.version}</dt><dd>${version}</dd></div><div><dt>${words.date}</dt><dd>${date}</dd></div></dl>
</header>
<nav aria-labelledby="contents">
<h2 id="contents">${words.contents}</h2>
<ol>${sections.map(({ id, title: name }) => html`<li><a href="#${id}">${name}</a></li>`)}</ol>
</nav>
<main>
${sections.map((section) => renderSection(section, sheet))}
</main>
<footer>${title}. ${words.version} ${version}.</footer>
</body>
</html>
`;
  return `<!doctype html>\n${markup.text}`;
}

/** Sections that begin on a new page of paper. */
const onNewPage = new Set(["destinations", "rules"]);

function renderSection({ id, title, blocks }: Section, sheet: Sheet): Markup {
  return html`<section id="${id}" aria-labelledby="${id}-title"${onNewPage.has(id) ? new Markup(' class="break"') : ""}>
<h2 id="${id}-title">${title}</h2>
${blocks.map((block) => renderBlock(block, sheet))}
</section>
`;
}

function renderBlock(block: Block, sheet: Sheet): Markup {
  switch (block.kind) {
    case "text":
      return html`<p>${renderText(block.text)}</p>\n`;
    case "warning":
      return html`<p class="warning">${renderText(block.text)}</p>\n`;
    case "heading":
      return html`<h3>${renderText(block.text)}</h3>\n`;
    case "list": {
      const items = block.items.map((item) => html`<li>${renderText(item)}</li>`);
      return block.isOrdered ? html`<ol>${items}</ol>\n` : html`<ul>${items}</ul>\n`;
    }
    case "table":
      return renderTable(block);
    case "code":
      return renderCode(block);
    case "picture":
      return renderPicture(sheet);
  }
}

const maxUnsplitRows = 6;

/** The explicit roles keep the table one for screen readers where a phone shows its rows as cards. */
function renderTable({ caption, columns, rows, widths }: Table): Markup {
  const body = rows.map((row) => {
    if ("heading" in row) {
      return html`<tr class="group" role="row"><th role="rowheader" scope="rowgroup" colspan="${columns.length}">${renderText(row.heading)}</th></tr>\n`;
    }
    const [first = "", ...others] = row.cells;
    return html`<tr role="row"><th role="rowheader" scope="row">${renderText(first)}</th>${others.map(
      (cell, index) =>
        html`<td role="cell" data-label="${columns[index + 1] ?? ""}">${renderText(cell)}</td>`,
    )}</tr>\n`;
  });
  // Paper does not split a short table.
  const style = rows.length <= maxUnsplitRows ? new Markup(' class="short"') : "";
  return html`<table role="table"${style}><caption>${caption}</caption>
<colgroup>${(widths ?? []).map((width) => html`<col style="width: ${width}%">`)}</colgroup>
<thead role="rowgroup"><tr role="row">${columns.map((name) => html`<th role="columnheader" scope="col">${name}</th>`)}</tr></thead>
<tbody role="rowgroup">${body}</tbody></table>
`;
}

/** Length of a line in characters that fits into half the width of paper. */
const maxNarrowLine = 64;

/** A text that scrolls can be reached by the keyboard. Long lists of addresses are folded on screens. */
function renderCode({ title, text, isFolded }: Extract<Block, { kind: "code" }>): Markup {
  // `html` shows a line break as its code; each line is escaped on its own.
  const plainLines = text.split("\n");
  const lines = plainLines.map((line) => html`${line}`.text);
  const isNarrow = plainLines.filter(({ length }) => length > maxNarrowLine).length * 10 < plainLines.length;
  const pre = html`<pre tabindex="0" role="region" aria-label="${title}"${isNarrow ? new Markup(' class="narrow"') : ""}>${new Markup(lines.join("\n"))}</pre>`;
  return isFolded
    ? html`<details class="file" open><summary>${renderText(title)}</summary>${pre}</details>\n`
    : html`<div class="file"><p>${renderText(title)}</p>${pre}</div>\n`;
}

const renderText = (text: string): Markup[] => parseInline(text).map(renderInline);

/** Only these links are made: a page of a source, and the contact. */
const allowedLink = /^(https:\/\/|mailto:|tel:)/;

function renderInline(part: Inline): Markup {
  switch (part.kind) {
    case "text":
      // A protocol and its port stay on one line.
      return html`${part.text.replace(/\b(TCP|UDP) (?=\d)/g, "$1\u00a0")}`;
    case "code":
      return html`<code>${part.text.split(/(?<=\.)/).map((label, index) => (index > 0 ? html`<wbr>${label}` : label))}</code>`;
    case "bold":
      return html`<strong>${part.parts.map(renderInline)}</strong>`;
    case "link":
      return allowedLink.test(part.url)
        ? html`<a href="${part.url}">${part.parts.map(renderInline)}</a>`
        : html`${part.parts.map(renderInline)}`;
  }
}
