import { createInterface } from "node:readline/promises";
import { read } from "read";
import { OperatorError } from "../errors.ts";

const interactive = () => Boolean(process.stdin.isTTY && process.stderr.isTTY);

/**
 * Asks a question that only "y" or "yes" says yes to. Without a person at the keyboard there is nobody to ask.
 * @throws OperatorError when the answer is anything else, or there is nobody and `unattended` is "refuse".
 */
export async function confirm(question: string, unattended: "go on" | "refuse"): Promise<void> {
  if (!interactive()) {
    if (unattended === "go on") return;
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
  if (!interactive()) {
    for await (const line of createInterface({ input: process.stdin })) return line;
    throw new OperatorError("usage", "no passphrase on standard input");
  }
  const first = await ask({ prompt: "Passphrase:", silent: true });
  if (options.twice && (await ask({ prompt: "Again:", silent: true })) !== first) {
    throw new OperatorError("usage", "the two are not the same");
  }
  return first;
}

async function ask(question: { prompt: string; silent?: boolean }): Promise<string> {
  try {
    const answer = await read({ ...question, output: process.stderr });
    if (question.silent) process.stderr.write("\n");
    return answer;
  } catch {
    // Ctrl-C, or the end of the input.
    throw new OperatorError("interrupted", "no answer; nothing was changed");
  }
}
