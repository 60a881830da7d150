import { openSync } from "node:fs";
import { createInterface } from "node:readline/promises";
import { WriteStream } from "node:tty";
import { read } from "read";
import { OperatorError } from "../lib/operator-error.ts";

/** Whether there is a person at the keyboard; where messages and results go says nothing about that. */
const isAttended = () => Boolean(process.stdin.isTTY);

/**
 * Asks a question that only "y" or "yes" says yes to.
 * @throws OperatorError when the answer is anything else, or there is nobody to ask.
 */
export async function confirm(question: string): Promise<void> {
  if (!isAttended()) {
    throw new OperatorError("usage", "there is nobody to ask", {
      remedy: "Give --yes to do it without a question.",
    });
  }
  const answer = await ask({ prompt: `${question} [y/N]` });
  if (!/^y(es)?$/i.test(answer.trim()))
    throw new OperatorError("interrupted", "not confirmed; nothing was changed");
}

/**
 * A passphrase: asked for on a terminal without showing it, else the first line of standard input. It is never an
 * argument, because every process on the computer can read those.
 * @param options.twice Asks again, to catch a slip of the finger.
 */
export async function passphrase(options: { twice: boolean }): Promise<string> {
  if (!isAttended()) return firstLine();
  const first = await ask({ prompt: "Passphrase:", silent: true });
  if (options.twice && (await ask({ prompt: "Again:", silent: true })) !== first) {
    throw new OperatorError("usage", "the two are not the same");
  }
  return first;
}

async function firstLine(): Promise<string> {
  try {
    for await (const line of createInterface({ input: process.stdin })) return line;
  } finally {
    release();
  }
  throw new OperatorError("usage", "no passphrase on standard input");
}

async function ask(question: { prompt: string; silent?: boolean }): Promise<string> {
  const { stream, close } = screen();
  process.stdin.ref();
  // Ctrl-D ends the input without an answer.
  const ended = new Promise<never>((_, reject) => {
    process.stdin.once("pause", () => setImmediate(reject, new Error("no answer")));
  });
  try {
    // What stands above the last line is not part of the prompt, which is drawn again while somebody types.
    const lines = question.prompt.split("\n");
    const prompt = lines.pop() as string;
    for (const line of lines) stream.write(`${line}\n`);
    // As a terminal, whatever the stream is: else the system itself shows what is typed.
    const answer = await Promise.race([read({ ...question, prompt, output: stream, terminal: true }), ended]);
    if (question.silent) stream.write("\n");
    return answer;
  } catch {
    stream.write("\n");
    throw new OperatorError("interrupted", "no answer; nothing was changed");
  } finally {
    close();
    release();
  }
}

/** Standard input keeps the process alive no longer. A file, and /dev/null is one, never does, and has no `unref`. */
function release(): void {
  process.stdin.pause();
  if ("unref" in process.stdin) process.stdin.unref();
}

/** Where a person sees a question: standard error, or the terminal itself when that goes elsewhere. */
function screen(): { stream: NodeJS.WriteStream; close(): void } {
  if (!process.stderr.isTTY) {
    try {
      const own = new WriteStream(
        openSync(process.platform === "win32" ? "\\\\.\\CONOUT$" : "/dev/tty", "w"),
      );
      return { stream: own as unknown as NodeJS.WriteStream, close: () => own.destroy() };
    } catch {
      // A terminal that does not belong to this process: the question goes where messages go.
    }
  }
  return { stream: process.stderr, close: () => {} };
}
