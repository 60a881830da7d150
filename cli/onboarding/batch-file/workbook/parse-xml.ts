import { TextDecoder } from "node:util";
import sax from "sax";
import { t } from "../../../words/translate.ts";
import { WorkbookError } from "./workbook-error.ts";

/** Called for the elements of a document, in their order. Names have no prefix: "table:table-row" is "table-row". */
export interface XmlHandler {
  open?(name: string, attribute: (name: string) => string | undefined): void;
  close?(name: string): void;
  text?(text: string): void;
}

/** Deepest nesting of elements. A workbook has about ten levels. */
const maxDepth = 100;

/**
 * Parses XML while it arrives. Document types are refused, so that no entity is expanded and no other file is read.
 * @yields After each chunk, so that the caller can take what its handler has collected.
 * @throws WorkbookError when it is not well-formed.
 */
export async function* parseXml(chunks: AsyncIterable<Buffer>, handler: XmlHandler): AsyncGenerator<void> {
  const damaged = (cause: unknown) =>
    new WorkbookError(t`the workbook is damaged: open it, and save it again`, { cause });
  const parser = sax.parser(true);
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let depth = 0;
  parser.onerror = (error) => {
    throw damaged(error);
  };
  parser.ondoctype = () => {
    throw damaged("a document type");
  };
  parser.onopentag = ({ name, attributes }) => {
    if (++depth > maxDepth) throw damaged("nested too deeply");
    handler.open?.(localName(name), (wanted) => {
      const found = Object.keys(attributes).find((key) => localName(key) === wanted);
      return found === undefined ? undefined : (attributes[found] as string);
    });
  };
  parser.onclosetag = (name) => {
    depth--;
    handler.close?.(localName(name));
  };
  parser.ontext = parser.oncdata = (text) => handler.text?.(text);
  for await (const chunk of chunks) {
    parser.write(decode(decoder, chunk, damaged));
    yield;
  }
  parser.write(decode(decoder, undefined, damaged));
  parser.close();
  yield;
}

/** Parses a document to its end. */
export async function readXml(chunks: AsyncIterable<Buffer>, handler: XmlHandler): Promise<void> {
  for await (const _ of parseXml(chunks, handler));
}

function decode(decoder: TextDecoder, chunk: Buffer | undefined, damaged: (cause: unknown) => Error): string {
  try {
    return decoder.decode(chunk, { stream: chunk !== undefined });
  } catch (error) {
    throw damaged(error);
  }
}

function localName(name: string): string {
  return name.slice(name.indexOf(":") + 1);
}
