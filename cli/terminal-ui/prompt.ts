import { openSync } from "node:fs";
import { WriteStream } from "node:tty";
import { read } from "read";
import { type Lines, OperatorError, toLines } from "../lib/operator-error.ts";
import { printable } from "../lib/printable.ts";
import { t } from "../words/translate.ts";

/** A stream that is read; on a terminal with `isTTY`. A file as standard input has no `ref` and `unref`. */
export type InputStream = NodeJS.ReadableStream & { isTTY?: boolean; ref?(): void; unref?(): void };

/** Asks the person at the keyboard. Whether there is one depends on standard input alone, not on the output streams. */
export class Prompt {
  private readonly stdin: InputStream;

  constructor(stdin: InputStream = process.stdin) {
    this.stdin = stdin;
  }

  /** Whether a person can be asked: standard input is a terminal. */
  get canAsk(): boolean {
    return this.stdin.isTTY === true;
  }

  /**
   * Asks for one of several answers.
   * @param question Its last line is the question itself.
   * @param answers What may be typed, in lower case.
   * @throws OperatorError for any other answer, or when standard input is not a terminal.
   */
  async choose(question: Lines, answers: readonly string[]): Promise<string> {
    if (!this.canAsk) throw new OperatorError("usage", t`cannot ask: standard input is not a terminal`);
    const answer = (await this.ask({ prompt: question, hint: ` [${answers.join("/")}]` })).trim();
    const chosen = answers.find((one) => one === answer.toLowerCase());
    if (chosen !== undefined) return chosen;
    throw new OperatorError(
      "interrupted",
      answer === ""
        ? t`no answer; nothing was changed`
        : t`${JSON.stringify(answer)} is none of the answers; nothing was changed`,
    );
  }

  /**
   * Asks a question. Only "y" and "yes" confirm it, or Norwegian "j" and "ja", in both languages.
   * @param question Its last line is the question itself.
   * @throws OperatorError for any other answer, or when standard input is not a terminal.
   */
  async confirm(question: Lines): Promise<void> {
    if (!this.canAsk) {
      throw new OperatorError("usage", t`cannot ask for confirmation: standard input is not a terminal`, {
        remedy: t`Add --yes to run the command without a question.`,
      });
    }
    const answer = (await this.ask({ prompt: question, hint: t` [y/N]` })).trim();
    if (/^(y|yes|j|ja)$/i.test(answer)) return;
    const isNo = /^(n|no|nei)?$/i.test(answer);
    throw new OperatorError(
      "interrupted",
      isNo
        ? t`not confirmed; nothing was changed`
        : t`not confirmed: ${JSON.stringify(answer)} is not y or yes; nothing was changed`,
    );
  }

  /**
   * Reads a passphrase: on a terminal it is asked for and not shown; otherwise it is the first line of standard input.
   * It is never an argument, because every process on the computer can read arguments.
   * @param options.twice Asks for it a second time, to detect a typing error.
   * @throws OperatorError when it is empty, has nothing but white space and invisible characters, or is not valid UTF-8.
   */
  async passphrase(options: { twice: boolean }): Promise<string> {
    if (!this.stdin.isTTY) return expectNotEmpty(await this.readFirstLine());
    const first = expectNotEmpty(await this.ask({ prompt: t`Passphrase:`, silent: true }));
    // Node decodes what is typed, and replaces invalid bytes by U+FFFD.
    if (first.includes("\ufffd")) throw notUtf8();
    if (options.twice && (await this.ask({ prompt: t`Again:`, silent: true })) !== first) {
      throw new OperatorError("usage", t`the two passphrases differ`, { remedy: t`Run the command again.` });
    }
    return first;
  }

  private async readFirstLine(): Promise<string> {
    try {
      const line = await readFirstLine(this.stdin, maxPassphraseBytes);
      if (line) return decodePassphrase(line);
    } finally {
      this.release();
    }
    throw new OperatorError("usage", t`no passphrase on standard input`, {
      remedy: t`Write it as the first line of standard input, or run the command on a terminal.`,
    });
  }

  private async ask(question: { prompt: Lines; hint?: string; silent?: boolean }): Promise<string> {
    const { stream, close } = openScreen();
    this.stdin.ref?.();
    // Ctrl-D ends the input without an answer.
    const ended = new Promise<never>((_, reject) => {
      this.stdin.once("pause", () => setImmediate(reject, new Error("no answer")));
    });
    try {
      // Only the last line is the prompt: `read` redraws it with every typed character.
      const lines = toLines(question.prompt).map(printable);
      for (const line of lines.slice(0, -1)) stream.write(`${line}\n`);
      const prompt = `${lines.at(-1)}${question.hint ?? ""}`;
      const { silent } = question;
      // `terminal: true` for every stream: otherwise the operating system echoes the typed characters.
      const options = { prompt, silent, input: this.stdin, output: stream, terminal: true };
      const answer = await Promise.race([read(options), ended]);
      if (question.silent) stream.write("\n");
      return answer;
    } catch {
      stream.write("\n");
      throw new OperatorError("interrupted", t`no answer; nothing was changed`);
    } finally {
      close();
      this.release();
    }
  }

  /** Lets the process end although standard input is open. */
  private release(): void {
    this.stdin.pause();
    this.stdin.unref?.();
  }
}

/** Longest passphrase in bytes, far above one that a person types or a program creates. */
const maxPassphraseBytes = 4096;

/** The first line of a stream as bytes, without its line break; undefined when the stream is empty. */
async function readFirstLine(input: InputStream, maxBytes: number): Promise<Buffer | undefined> {
  let read = Buffer.alloc(0);
  for await (const chunk of input) {
    read = Buffer.concat([read, Buffer.from(chunk)]);
    const end = read.findIndex((byte) => byte === 0x0a || byte === 0x0d);
    if (end >= 0) return read.subarray(0, end);
    if (read.length > maxBytes) {
      throw new OperatorError("usage", t`the passphrase has more than ${maxBytes} bytes`);
    }
  }
  return read.length > 0 ? read : undefined;
}

/** Decodes a passphrase. Replacing invalid bytes would let different passphrases open the same file. */
function decodePassphrase(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw notUtf8();
  }
}

function notUtf8(): OperatorError {
  return new OperatorError("usage", t`the passphrase is not valid UTF-8`, {
    remedy: t`Write it in UTF-8: files of Windows PowerShell 5.1 are UTF-16. Or run the command on a terminal, and type it.`,
  });
}

function expectNotEmpty(passphrase: string): string {
  if (!/^[\p{White_Space}\p{Cc}\p{Default_Ignorable_Code_Point}]*$/u.test(passphrase)) return passphrase;
  throw new OperatorError("usage", t`the passphrase is empty`, {
    remedy: t`A passphrase has characters that are seen, 12 of them at least.`,
  });
}

/** Where a person sees a question: standard error, or the terminal itself when standard error is redirected. */
function openScreen(): { stream: NodeJS.WriteStream; close(): void } {
  if (!process.stderr.isTTY) {
    try {
      const terminal = new WriteStream(
        openSync(process.platform === "win32" ? "\\\\.\\CONOUT$" : "/dev/tty", "w"),
      );
      return { stream: terminal as NodeJS.WriteStream, close: () => terminal.destroy() };
    } catch {
      // The process has no controlling terminal: ask on standard error.
    }
  }
  return { stream: process.stderr, close: () => {} };
}
