import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { t } from "../words/translate.ts";
import { fileError } from "./file-errors.ts";
import { OperatorError } from "./operator-error.ts";

/** A kind of file that is read into memory as a whole. */
export interface FileKind {
  /** For messages, with its article: "a sealed credential bundle". */
  name: () => string;
  /** No file of this kind is larger. */
  maxBytes: number;
}

/** Files that operators name. The limits are far above what such a file has. */
export const fileKinds = {
  /** A bundle has about 1 kB, and 0.2 kB more for each recipient; 2 kB for one of a post-quantum key. */
  bundle: { name: () => t`a sealed credential bundle`, maxBytes: 256 * 1024 },
  identities: { name: () => t`an age identity file`, maxBytes: 256 * 1024 },
  outputs: { name: () => t`a file of stack outputs`, maxBytes: 1024 * 1024 },
  /** Microsoft's file has about 4 MB. */
  serviceTags: { name: () => t`a file of service tags`, maxBytes: 32 * 1024 * 1024 },
  /** About 30 rows of 3 kB. */
  endpoints: { name: () => t`a list of destinations`, maxBytes: 1024 * 1024 },
  /** Large companies have scripts of some hundred kilobytes. */
  pac: { name: () => t`a PAC script`, maxBytes: 1024 * 1024 },
} satisfies Record<string, FileKind>;

const chunkBytes = 64 * 1024;

/**
 * Reads a file into memory, and stops at the limit of its kind, so that a wrong or endless file (/dev/zero) does not use
 * up the memory.
 * @param options.noFollow Rejects a link in place of the file. Default false.
 * @throws OperatorError when it cannot be read, is larger, or is a link.
 */
export async function readBounded(
  path: string,
  kind: FileKind,
  options: { noFollow?: boolean } = {},
): Promise<Buffer> {
  try {
    // Windows has no such flag.
    const noFollow = options.noFollow ? (constants.O_NOFOLLOW ?? 0) : 0;
    await using file = await open(path, constants.O_RDONLY | noFollow);
    return await readToLimit(file, path, kind);
  } catch (error) {
    if (error instanceof OperatorError) throw error;
    if ((error as NodeJS.ErrnoException).code === "ELOOP" && options.noFollow) throw linkError(path);
    throw fileError(path, "read", error);
  }
}

async function readToLimit(file: FileHandle, path: string, kind: FileKind): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for (;;) {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(chunkBytes), 0, chunkBytes, null);
    if (bytesRead === 0) return Buffer.concat(chunks);
    length += bytesRead;
    if (length > kind.maxBytes) throw tooLargeError(path, kind);
    chunks.push(buffer.subarray(0, bytesRead));
  }
}

function tooLargeError(path: string, { name, maxBytes }: FileKind): OperatorError {
  return new OperatorError("usage", t`${path} is not ${name()}: it has more than ${maxBytes / 1024} KB`, {
    remedy: t`Check the path.`,
  });
}

/** The error for a link where the program reads or writes a file of its own. */
export function linkError(path: string): OperatorError {
  return new OperatorError("usage", t`${path} is a link; it is neither followed nor replaced`, {
    remedy: t`Find out who created it, and remove it. Then run this again.`,
  });
}
