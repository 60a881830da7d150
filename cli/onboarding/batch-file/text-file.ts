import { createReadStream } from "node:fs";
import { TextDecoder } from "node:util";
import iconv from "iconv-lite";
import { t } from "../../words/translate.ts";
import { describeMisreadText } from "./misread-text.ts";
import { findUtf8Letter } from "./mixed-encoding.ts";
import type { CellKind } from "./workbook/cells.ts";
import { usualLetters } from "./wrong-letters.ts";

/** The encoding of a batch file. */
export type Encoding = "utf8" | "utf16-le" | "utf16-be" | "win1252";

/** How a file is to be read. */
export interface TextFormat {
  encoding: Encoding;
  /** Whether a file that is read as Windows-1252 has a letter that its languages use; see `usualLetters`. */
  hasUsualLetters: boolean;
}

/** One line of a text file, without its line break. */
export interface Line {
  /** Line number, from 1. */
  number: number;
  /** Undefined for a line of more than `maxLineLength` characters. */
  text: string | undefined;
  /** A letter in UTF-8, in a file that is read as Windows-1252 because it is not valid UTF-8 as a whole. */
  utf8Letter?: string;
  /** What is wrong with a word whose letters were read or saved in a wrong encoding. */
  misread?: string;
  /** Of a row in a workbook: the kinds of the cells that hold no text, by their column from 0. */
  kinds?: ReadonlyMap<number, CellKind>;
}

/** Longest line in characters. Lines of a batch file are much shorter. */
export const maxLineLength = 4096;

/**
 * Detects the encoding of a file: by its byte order mark; else UTF-8 if the whole file is valid UTF-8; else
 * Windows-1252, which Excel writes in Western Europe. Reads the whole file once.
 * @returns The format, or a message when the file is not text.
 */
export async function detectFormat(file: string): Promise<TextFormat | { problem: string }> {
  const detected = await detectEncoding(file);
  if ("problem" in detected) return detected;
  const isWindows = detected.encoding === "win1252";
  return { ...detected, hasUsualLetters: isWindows && (await hasUsualLetters(file)) };
}

async function hasUsualLetters(file: string): Promise<boolean> {
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
    if (usualLetters.test(chunk.toString("latin1"))) return true;
  }
  return false;
}

async function detectEncoding(file: string): Promise<{ encoding: Encoding } | { problem: string }> {
  const utf8 = new TextDecoder("utf-8", { fatal: true });
  let isUtf8 = true;
  let isFirst = true;
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
    if (isFirst) {
      if (chunk[0] === 0xff && chunk[1] === 0xfe) return { encoding: "utf16-le" };
      if (chunk[0] === 0xfe && chunk[1] === 0xff) return { encoding: "utf16-be" };
      isFirst = false;
    }
    if (chunk.includes(0))
      return {
        problem: t`this is neither a text file nor a workbook; save the list as .xlsx, .ods or CSV (UTF-8)`,
      };
    isUtf8 &&= canDecode(utf8, chunk, true);
  }
  return { encoding: isUtf8 && canDecode(utf8, undefined, false) ? "utf8" : "win1252" };
}

function canDecode(decoder: TextDecoder, chunk: Buffer | undefined, stream: boolean): boolean {
  try {
    decoder.decode(chunk, { stream });
    return true;
  } catch {
    return false;
  }
}

/**
 * Reads the lines of a file in arrays, one array for each chunk of the file. Lines end with CR LF, LF or CR. Memory grows
 * neither with the file nor with the length of a line.
 */
export async function* readLines(
  file: string,
  { encoding, hasUsualLetters }: TextFormat,
): AsyncGenerator<Line[]> {
  const splitter = new LineSplitter();
  // Windows-1252 is decoded as Latin-1 first, to keep the bytes for the search for UTF-8 letters.
  const isWindows = encoding === "win1252";
  const decoder = iconv.getDecoder(isWindows ? "latin1" : encoding);
  const finish = (lines: Line[]) =>
    lines.map((line) => (isWindows ? decodeWindowsLine(line, hasUsualLetters) : checkLine(line)));
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
    yield finish(splitter.split(decoder.write(chunk)));
  }
  yield finish([...splitter.split(decoder.end() ?? ""), ...splitter.end()]);
}

function decodeWindowsLine({ number, text: raw }: Line, hasUsualLetters: boolean): Line {
  if (raw === undefined) return { number, text: raw };
  const text = iconv.decode(Buffer.from(raw, "latin1"), "win1252");
  const misread = describeMisreadText(text, raw, { isWindows: true, hasUsualLetters });
  return { number, text, utf8Letter: findUtf8Letter(raw), misread };
}

/** Looks for words that were read in a wrong encoding before they were saved in this file. */
export function checkLine(line: Line): Line {
  if (line.text === undefined) return line;
  const misread = describeMisreadText(line.text, undefined, { isWindows: false, hasUsualLetters: true });
  return misread === undefined ? line : { ...line, misread };
}

/** Splits text that arrives in chunks into lines. */
class LineSplitter {
  private number = 1;
  private rest = "";
  private isTooLong = false;
  private isAfterCr = false;

  split(text: string): Line[] {
    const lines: Line[] = [];
    let start = 0;
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code === 10 && this.isAfterCr) start = at + 1;
      else if (code === 10 || code === 13) {
        this.append(text.slice(start, at));
        lines.push(this.nextLine());
        start = at + 1;
      }
      this.isAfterCr = code === 13;
    }
    this.append(text.slice(start));
    return lines;
  }

  /** The last line, if the file does not end with a line break. */
  end(): Line[] {
    return this.rest === "" && !this.isTooLong ? [] : [this.nextLine()];
  }

  private append(text: string): void {
    if (this.isTooLong || this.rest.length + text.length > maxLineLength) {
      this.isTooLong = true;
      this.rest = "";
    } else {
      this.rest += text;
    }
  }

  private nextLine(): Line {
    const line = { number: this.number++, text: this.isTooLong ? undefined : this.rest };
    this.rest = "";
    this.isTooLong = false;
    return line;
  }
}
