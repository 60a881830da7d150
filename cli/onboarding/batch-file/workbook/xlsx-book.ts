import { posix } from "node:path";
import { t } from "../../../words/translate.ts";
import { maxCellLength, maxOtherBytes, maxSharedBytes } from "./cells.ts";
import { dateEpoch, type NumberFormat, numberFormat } from "./number-formats.ts";
import { readXml } from "./parse-xml.ts";
import { WorkbookError } from "./workbook-error.ts";
import type { ZipParts } from "./zip-parts.ts";

/** A sheet of a workbook. */
export interface Sheet {
  name: string;
  /** Name of the part that has it; for .ods the part of all sheets. */
  part: string;
  isHidden: boolean;
}

/** An .xlsx file, without the content of its sheets. */
export interface XlsxBook {
  sheets: Sheet[];
  /** Day 0 of its dates; see `dateEpoch`. */
  epoch: number;
  /** Part with the texts that cells share, and part with the styles of cells. */
  textsPart?: string;
  stylesPart?: string;
}

/** Reads what an .xlsx file consists of (ISO/IEC 29500-1, 18.2). */
export async function readXlsxBook(parts: ZipParts): Promise<XlsxBook> {
  const workbook = (await relationsOf(parts, "")).find(({ type }) => type === "officeDocument")?.part;
  if (!workbook || !parts.has(workbook))
    throw new WorkbookError(t`this is no workbook: save it as .xlsx, .ods or CSV`);
  const relations = await relationsOf(parts, workbook);
  const targets = new Map(relations.map((one) => [one.id, one]));
  const partOf = (wanted: string) => relations.find(({ type }) => type === wanted)?.part;
  const sheets: Sheet[] = [];
  let is1904 = false;
  await readXml(parts.read(workbook, maxOtherBytes), {
    open(name, attribute) {
      if (name === "workbookPr") is1904 = /^(1|true)$/.test(attribute("date1904") ?? "");
      if (name !== "sheet") return;
      const target = targets.get(attribute("id") ?? "");
      // Charts and macros are sheets of other types.
      if (target?.type !== "worksheet") return;
      const isHidden = (attribute("state") ?? "visible") !== "visible";
      sheets.push({ name: attribute("name") ?? "", part: target.part, isHidden });
    },
  });
  const shared = { textsPart: partOf("sharedStrings"), stylesPart: partOf("styles") };
  return { sheets, epoch: dateEpoch(is1904), ...shared };
}

interface Relation {
  id: string;
  /** The last part of its type, for example "worksheet". */
  type: string;
  part: string;
}

/** What a part refers to. @param part Empty for the workbook's root. */
async function relationsOf(parts: ZipParts, part: string): Promise<Relation[]> {
  const folder = part === "" ? "" : posix.dirname(part);
  const name = posix.join(folder, "_rels", `${posix.basename(part)}.rels`);
  const found: Relation[] = [];
  if (!parts.has(name)) return found;
  await readXml(parts.read(name, maxOtherBytes), {
    open(element, attribute) {
      if (element !== "Relationship" || attribute("TargetMode") === "External") return;
      const target = attribute("Target") ?? "";
      const path = target.startsWith("/") ? target.slice(1) : posix.join(folder, target);
      const type = attribute("Type")?.split("/").at(-1) ?? "";
      found.push({ id: attribute("Id") ?? "", type, part: path });
    },
  });
  return found;
}

/** Texts that cells refer to by their number, and the formats of numbers by the style of a cell. */
export interface SharedParts {
  texts: string[];
  formats: NumberFormat[];
}

export async function readSharedParts(
  parts: ZipParts,
  { textsPart: texts, stylesPart: styles }: XlsxBook,
): Promise<SharedParts> {
  return {
    texts: texts && parts.has(texts) ? await readSharedTexts(parts, texts) : [],
    formats: styles && parts.has(styles) ? await readFormats(parts, styles) : [],
  };
}

async function readSharedTexts(parts: ZipParts, part: string): Promise<string[]> {
  const texts: string[] = [];
  const text = new TextCollector();
  await readXml(parts.read(part, maxSharedBytes), {
    open(name) {
      if (name === "si") text.start();
      text.open(name);
    },
    text: (piece) => text.add(piece),
    close(name) {
      text.close(name);
      if (name === "si") texts.push(text.value());
    },
  });
  return texts;
}

/** Collects the text of a cell or of a shared text, without the help for its pronunciation. */
export class TextCollector {
  private collected = "";
  private isInText = false;
  private isInPhonetic = false;

  start(): void {
    this.collected = "";
  }

  open(name: string): void {
    if (name === "rPh") this.isInPhonetic = true;
    if (name === "t") this.isInText = true;
  }

  close(name: string): void {
    if (name === "rPh") this.isInPhonetic = false;
    if (name === "t") this.isInText = false;
  }

  add(piece: string): void {
    if (!this.isInText || this.isInPhonetic || this.collected.length > maxCellLength * 8) return;
    this.collected += piece;
  }

  /** Characters that XML does not have are written as `_x0007_` (ISO/IEC 29500-1, 22.4.2.4). */
  value(): string {
    return this.collected
      .replace(/_x([0-9A-Fa-f]{4})_/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
      .slice(0, maxCellLength);
  }
}

async function readFormats(parts: ZipParts, part: string): Promise<NumberFormat[]> {
  const codes = new Map<number, string>();
  const formats: NumberFormat[] = [];
  let isInCellFormats = false;
  await readXml(parts.read(part, maxOtherBytes), {
    open(name, attribute) {
      const id = Number(attribute("numFmtId") ?? 0);
      if (name === "numFmt") codes.set(id, attribute("formatCode") ?? "");
      if (name === "cellXfs") isInCellFormats = true;
      if (name === "xf" && isInCellFormats) formats.push(numberFormat(id, codes.get(id)));
    },
    close(name) {
      if (name === "cellXfs") isInCellFormats = false;
    },
  });
  return formats;
}
