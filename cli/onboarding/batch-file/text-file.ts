import { createReadStream } from "node:fs";
import { TextDecoder } from "node:util";
import iconv from "iconv-lite";
import { utf8Letter } from "./mixed-encoding.ts";

/** How a batch file's bytes are to be read. */
export type Encoding = "utf8" | "utf16-le" | "utf16-be" | "win1252";

/** One line of a text file, without its line break. */
export interface Line {
  /** Counted from 1. */
  number: number;
  /** Undefined when the line is longer than `longestLine`. */
  text: string | undefined;
  /** A letter in UTF-8, on a line of a file that is read as Windows-1252 because not all of it is UTF-8. */
  utf8Letter?: string;
}

/** Characters a line may have. No honest batch comes near; what has more is not a batch. */
export const longestLine = 4096;

/**
 * Finds out how a file's bytes are to be read: by its byte order mark, else as UTF-8 when all of it is valid
 * UTF-8, else as Windows-1252, which Excel writes in Western Europe. Reads the whole file once.
 * @returns The encoding, or `problem`, in words for people, when the file is not text.
 */
export async function detectEncoding(file: string): Promise<{ encoding: Encoding } | { problem: string }> {
  const utf8 = new TextDecoder("utf-8", { fatal: true });
  let isUtf8 = true;
  let first = true;
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
    if (first) {
      if (chunk[0] === 0xff && chunk[1] === 0xfe) return { encoding: "utf16-le" };
      if (chunk[0] === 0xfe && chunk[1] === 0xff) return { encoding: "utf16-be" };
      if (chunk.subarray(0, 4).toString("latin1") === "PK\u0003\u0004") {
        return { problem: "this is an Excel workbook; save it as CSV in Excel and use that file" };
      }
      first = false;
    }
    if (chunk.includes(0)) return { problem: "this is not a text file; save the list as CSV (UTF-8)" };
    isUtf8 &&= decodes(utf8, chunk, true);
  }
  return { encoding: isUtf8 && decodes(utf8, undefined, false) ? "utf8" : "win1252" };
}

function decodes(decoder: TextDecoder, chunk: Buffer | undefined, stream: boolean): boolean {
  try {
    decoder.decode(chunk, { stream });
    return true;
  } catch {
    return false;
  }
}

/**
 * The lines of a file, in handfuls as they are read, ended by CR LF, LF or CR. Memory does not grow with the
 * file, nor with a line.
 */
export async function* readLines(file: string, encoding: Encoding): AsyncGenerator<Line[]> {
  const splitter = new LineSplitter();
  // Windows-1252 is taken byte for byte at first: its bytes have more to tell than its characters.
  const isBytes = encoding === "win1252";
  const decoder = iconv.getDecoder(isBytes ? "latin1" : encoding);
  const finish = (lines: Line[]) => (isBytes ? lines.map(fromWindows) : lines);
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
    yield finish(splitter.take(decoder.write(chunk)));
  }
  yield finish([...splitter.take(decoder.end() ?? ""), ...splitter.last()]);
}

function fromWindows({ number, text: raw }: Line): Line {
  if (raw === undefined) return { number, text: raw };
  const letter = utf8Letter(raw);
  const text = iconv.decode(Buffer.from(raw, "latin1"), "win1252");
  return { number, text, ...(letter ? { utf8Letter: letter } : {}) };
}

class LineSplitter {
  private number = 1;
  private rest = "";
  private tooLong = false;
  private afterCr = false;

  take(text: string): Line[] {
    const lines: Line[] = [];
    let start = 0;
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code === 10 && this.afterCr) start = at + 1;
      else if (code === 10 || code === 13) {
        this.keep(text.slice(start, at));
        lines.push(this.next());
        start = at + 1;
      }
      this.afterCr = code === 13;
    }
    this.keep(text.slice(start));
    return lines;
  }

  last(): Line[] {
    return this.rest === "" && !this.tooLong ? [] : [this.next()];
  }

  private keep(text: string): void {
    if (this.tooLong || this.rest.length + text.length > longestLine) {
      this.tooLong = true;
      this.rest = "";
    } else {
      this.rest += text;
    }
  }

  private next(): Line {
    const line = { number: this.number++, text: this.tooLong ? undefined : this.rest };
    this.rest = "";
    this.tooLong = false;
    return line;
  }
}
