import { crc32, deflateRawSync } from "node:zlib";

/** A part of an archive. @param size What the archive says about its unpacked size; default: the true one. */
export interface Part {
  content: string | Buffer;
  size?: number;
}

/** Writes a ZIP archive (APPNOTE.TXT of PKWARE, 4.3). */
export function writeZip(parts: Record<string, Part | string>): Buffer {
  const local: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const [name, part] of Object.entries(parts)) {
    const { content, size } = typeof part === "string" ? { content: part, size: undefined } : part;
    const bytes = Buffer.from(content);
    const packed = deflateRawSync(bytes);
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(0x800, 2);
    fields.writeUInt16LE(8, 4);
    fields.writeUInt32LE(crc32(bytes), 10);
    fields.writeUInt32LE(packed.length, 14);
    fields.writeUInt32LE(size ?? bytes.length, 18);
    fields.writeUInt16LE(Buffer.byteLength(name), 22);
    local.push(Buffer.from("PK\x03\x04"), fields, Buffer.from(name), packed);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(offset, 10);
    central.push(Buffer.from("PK\x01\x02\x14\0"), fields, place, Buffer.from(name));
    offset += 30 + Buffer.byteLength(name) + packed.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(18);
  const count = Object.keys(parts).length;
  end.writeUInt16LE(count, 4);
  end.writeUInt16LE(count, 6);
  end.writeUInt32LE(directory.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...local, directory, Buffer.from("PK\x05\x06"), end]);
}

/** A cell: text, a number, or the XML of a cell. */
export type TestCell = string | number | { xml: string };

const escapeXml = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
const office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

/** Styles of `writeXlsx`: 1 is a date, 2 is `00000`, 3 is `"EX-"000`. */
const styles = `<styleSheet><numFmts><numFmt numFmtId="164" formatCode="00000"/><numFmt numFmtId="165" formatCode="&quot;EX-&quot;000"/></numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="165"/></cellXfs></styleSheet>`;

/** The parts of an .xlsx file as Excel writes it. Texts are shared, and empty cells are left out. */
export function xlsxParts(sheets: Record<string, TestCell[][]>): Record<string, Part | string> {
  const texts: string[] = [];
  const cell = (value: TestCell, row: number, column: number) => {
    const reference = `${String.fromCharCode(65 + column)}${row + 1}`;
    if (value === "") return "";
    if (typeof value === "number") return `<c r="${reference}"><v>${value}</v></c>`;
    if (typeof value === "object") return value.xml.replace("<c", `<c r="${reference}"`);
    return `<c r="${reference}" t="s"><v>${texts.push(value) - 1}</v></c>`;
  };
  const entries = Object.entries(sheets).map(([name, rows], index) => ({
    name,
    id: `rId${index + 1}`,
    file: `worksheets/sheet${index + 1}.xml`,
    xml: `<worksheet><sheetData>${rows.map((cells, row) => `<row r="${row + 1}">${cells.map((value, column) => cell(value, row, column)).join("")}</row>`).join("")}</sheetData></worksheet>`,
  }));
  const relation = (id: string, type: string, target: string) =>
    `<Relationship Id="${id}" Type="${office}/${type}" Target="${target}"/>`;
  return {
    "_rels/.rels": `<Relationships>${relation("rId1", "officeDocument", "xl/workbook.xml")}</Relationships>`,
    "xl/workbook.xml": `<workbook xmlns:r="${office}"><sheets>${entries.map(({ name, id }) => `<sheet name="${name}" r:id="${id}"/>`).join("")}</sheets></workbook>`,
    "xl/_rels/workbook.xml.rels": `<Relationships>${entries.map(({ id, file }) => relation(id, "worksheet", file)).join("")}${relation("s", "sharedStrings", "sharedStrings.xml")}${relation("y", "styles", "styles.xml")}</Relationships>`,
    ...Object.fromEntries(entries.map(({ file, xml }) => [`xl/${file}`, xml])),
    "xl/sharedStrings.xml": `<sst>${texts.map((text) => `<si><t>${escapeXml(text)}</t></si>`).join("")}</sst>`,
    "xl/styles.xml": styles,
  };
}

/** An .xlsx file with one sheet. */
export function writeXlsx(rows: TestCell[][]): Buffer {
  return writeZip(xlsxParts({ Sheet1: rows }));
}

/** An .ods file as LibreOffice writes it, with empty rows and columns to the end of the sheet. */
export function writeOds(sheets: Record<string, TestCell[][]>): Buffer {
  const cell = (value: TestCell) => {
    if (value === "") return "<table:table-cell/>";
    if (typeof value === "object") return value.xml;
    const type = typeof value === "number" ? `float" office:value="${value}` : "string";
    return `<table:table-cell office:value-type="${type}"><text:p>${escapeXml(String(value))}</text:p></table:table-cell>`;
  };
  const end = '<table:table-cell table:number-columns-repeated="16000"/>';
  const table = ([name, rows]: [string, TestCell[][]]) =>
    `<table:table table:name="${name}">${rows.map((cells) => `<table:table-row>${cells.map(cell).join("")}${end}</table:table-row>`).join("")}<table:table-row table:number-rows-repeated="1048000">${end}</table:table-row></table:table>`;
  return writeZip({
    mimetype: "application/vnd.oasis.opendocument.spreadsheet",
    "content.xml": `<?xml version="1.0" encoding="UTF-8"?><office:document-content xmlns:office="o" xmlns:table="t" xmlns:text="x"><office:body><office:spreadsheet>${Object.entries(sheets).map(table).join("")}</office:spreadsheet></office:body></office:document-content>`,
  });
}
