import { existsSync } from "node:fs";
import { basename } from "node:path";
import { OperatorError } from "../errors.ts";
import { longestDays } from "../files/file-link.ts";
import { misfit, terminalId } from "../ids.ts";
import { Output } from "./output.ts";
import { connectTo, type StackOptions } from "./stack.ts";

export interface SendOptions extends StackOptions {
  name?: string;
  days: number;
  json?: boolean;
}

/** `send TERMINAL FILE`: puts a file into the terminal's container and shows its URL with its own key. */
export async function sendCommand(terminal: string, file: string, options: SendOptions): Promise<void> {
  const wrong = misfit(terminalId, terminal);
  if (wrong) throw new OperatorError("usage", `the terminal ${wrong}`);
  if (!existsSync(file)) throw new OperatorError("usage", `there is no file ${file}`);
  if (!(options.days > 0 && options.days <= longestDays)) {
    throw new OperatorError("usage", `--days must be above 0 and at most ${longestDays}`);
  }
  const output = new Output(options);
  const { files } = await connectTo(options);
  if (!(await files.hasPolicy(terminal))) {
    throw new OperatorError(
      "failed",
      `${terminal} is not onboarded, or is revoked: its container takes no keys`,
    );
  }
  const name = options.name ?? basename(file);
  await files.upload(terminal, file, name);
  const { url, expiresOn } = await files.link(terminal, { name, direction: "fetch", days: options.days });
  const validUntil = expiresOn.toISOString();
  output.note(
    `${name} is there for ${terminal} until ${validUntil}. The URL holds its key: whoever has it can fetch the file.`,
  );
  output.result("file", { terminal, name, validUntil, url }, url);
}
