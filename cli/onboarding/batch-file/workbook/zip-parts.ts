import type { Readable } from "node:stream";
import yauzl from "yauzl";
import { t } from "../../../words/translate.ts";
import { WorkbookError } from "./workbook-error.ts";

/** Most files in the archive of a workbook. Excel writes 10 to 20, and one for each sheet and picture. */
const maxParts = 2_000;

/** The parts of a workbook: an archive of XML files (ISO/IEC 29500-2, OASIS OpenDocument part 2). */
export class ZipParts implements AsyncDisposable {
  private readonly zip: yauzl.ZipFile;
  private readonly entries: ReadonlyMap<string, yauzl.Entry>;

  private constructor(zip: yauzl.ZipFile, entries: ReadonlyMap<string, yauzl.Entry>) {
    this.zip = zip;
    this.entries = entries;
  }

  /** @throws WorkbookError when the file is no archive, or has too many files. */
  static async open(file: string): Promise<ZipParts> {
    let zip: yauzl.ZipFile | undefined;
    try {
      zip = await yauzl.openPromise(file, { autoClose: false });
      const entries = new Map<string, yauzl.Entry>();
      for await (const entry of zip.eachEntry()) {
        entries.set(entry.fileName, entry);
        if (entries.size > maxParts) throw new WorkbookError(t`the workbook has more than ${maxParts} files`);
      }
      return new ZipParts(zip, entries);
    } catch (error) {
      zip?.close();
      throw asWorkbookError(error);
    }
  }

  has(name: string): boolean {
    return this.entries.has(name);
  }

  /**
   * The content of a part, in chunks.
   * @param maxBytes No part of this kind is larger. What the archive says about a size is verified while it is unpacked.
   * @throws WorkbookError when the part is missing, larger or damaged.
   */
  async *read(name: string, maxBytes: number): AsyncGenerator<Buffer> {
    const entry = this.entries.get(name);
    if (!entry) throw new WorkbookError(t`the workbook is damaged: ${name} is missing`);
    if (entry.isEncrypted()) throw new WorkbookError(passwordProblem());
    const tooLarge = () =>
      new WorkbookError(
        t`the workbook is too large: its ${name} has more than ${maxBytes / 1024 / 1024} MB; copy the list into a new workbook`,
      );
    if (entry.uncompressedSize > maxBytes) throw tooLarge();
    let stream: Readable | undefined;
    let bytes = 0;
    try {
      stream = await this.zip.openReadStreamPromise(entry);
      for await (const chunk of stream as AsyncIterable<Buffer>) {
        bytes += chunk.length;
        if (bytes > maxBytes) throw tooLarge();
        yield chunk;
      }
    } catch (error) {
      throw asWorkbookError(error);
    } finally {
      stream?.destroy();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.zip.close();
  }
}

/** What is wrong with a workbook that a password locks. */
export function passwordProblem(): string {
  return t`the workbook has a password: save it without one`;
}

/** Errors of the file system keep their code; any other error of reading is about the content. */
function asWorkbookError(error: unknown): unknown {
  const isOther = error instanceof WorkbookError || (error as NodeJS.ErrnoException).syscall !== undefined;
  if (isOther) return error;
  return new WorkbookError(t`the workbook is damaged: open it, and save it again`, { cause: error });
}
