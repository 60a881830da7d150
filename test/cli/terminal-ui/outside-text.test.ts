import { readFileSync } from "node:fs";
import { PassThrough } from "node:stream";
import { stripVTControlCharacters } from "node:util";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { explain } from "../../../cli/azure/explain-error.ts";
import type { Fleet } from "../../../cli/azure/fleet.ts";
import { formatChange } from "../../../cli/commands/audit/show.ts";
import { formatOffer } from "../../../cli/commands/files/report.ts";
import { revocationQuestion } from "../../../cli/commands/revoke/prompt.ts";
import { StatusTable } from "../../../cli/commands/status/table.ts";
import { OperatorError, toLines } from "../../../cli/lib/operator-error.ts";
import { describeTerminal } from "../../../cli/lifecycle/ownership.ts";
import { formatError } from "../../../cli/terminal-ui/format-error.ts";
import { Output, type OutputStream } from "../../../cli/terminal-ui/output.ts";
import { TransferProgress } from "../../../cli/terminal-ui/transfer-progress.ts";
import { fileLog } from "../../../reference-terminal/log.ts";
import { temporaryFolder } from "../../support/folder.ts";

/*
 * Values from outside reach a screen as text: whatever is written for them has no character that acts, except the
 * program's own escape sequences, and as many lines as for an ordinary value.
 */

const hostile = fc.oneof(
  fc.string({ unit: "binary", minLength: 1, maxLength: 30 }),
  fc.constantFrom(
    "\u001b[2J\u001b[H",
    "\u009b2J",
    "\u001b]0;title\u0007",
    "\u001b]8;;https://example.com\u001b\\link",
    "hall\r\nconnected",
    "a\u2028b\u2029c\u0085d",
    "\u202etxt.exe\u2066\u200f\u061c",
    "\b\b\b\bok",
  ),
);

/** A stream that keeps what is written. */
function capture(isTTY = false): { stream: OutputStream; text(): string } {
  let text = "";
  const stream = new PassThrough().on("data", (chunk) => {
    text += chunk;
  });
  return { stream: Object.assign(stream, { isTTY, columns: 120 }), text: () => text };
}

/** Checks what `write` writes for hostile values, and that it has as many lines as for ordinary ones. */
function expectText(write: (output: Output, values: string[]) => void, { isTTY = false } = {}): void {
  const written = (values: string[]) => {
    const { stream, text } = capture(isTTY);
    write(new Output({ stdout: stream, stderr: stream }), values);
    return stripVTControlCharacters(text()).replaceAll("\r", "");
  };
  const ordinary = written(["hall", "hall", "hall", "hall"]).split("\n").length;
  fc.assert(
    fc.property(fc.array(hostile, { minLength: 4, maxLength: 4 }), (values) => {
      const { stream, text } = capture(isTTY);
      write(new Output({ stdout: stream, stderr: stream }), values);
      // The program's own sequences: colours, and clearing the line of the cursor.
      // biome-ignore lint/suspicious/noControlCharactersInRegex: the sequences begin with a control character.
      const rest = text().replace(/\r?\u001b\[(K|\d+m)/g, "");
      expect(rest).not.toMatch(/(?!\n)[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\p{Bidi_Control}]/u);
      expect(rest.split("\n")).toHaveLength(ordinary);
    }),
  );
}

const message = (values: string[]) =>
  new OperatorError("failed", `${values[0]}: it failed`, {
    remedy: [`Look at ${values[1]}.`, `  then at ${values[2]}`],
  });

describe.each([false, true])("text from outside, on a terminal: %s", (isTTY) => {
  test.each<[string, (output: Output, values: string[]) => void]>([
    ["a note", (output, [value]) => output.note(`a ${value}`)],
    ["a note above a progress line", (output, [value]) => output.noteAboveProgress(`a ${value}`)],
    ["a warning", (output, [value]) => output.warning(value as string)],
    ["a result", (output, [a, b]) => output.result("x", {}, [`first ${a}`, `second ${b}`])],
    ["an error with its remedy", (output, values) => output.error(message(values))],
    [
      "an error that concerns a file",
      (output, values) => output.error(message(values).about(`${values[3]}: `)),
    ],
    [
      "a defect",
      (output, [value]) => {
        const error = new Error(value);
        error.stack = `Error: ${value}\n    at run (${"file.ts"}:1:1)`;
        output.error(formatError(error));
      },
    ],
    [
      "an error of the operating system",
      (output, [path]) =>
        output.error(formatError(Object.assign(new Error("x"), { errno: -2, syscall: "open", path }))),
    ],
    [
      "a service's error",
      (output, [code, text]) => {
        const error = Object.assign(new Error(text), { name: "RestError", statusCode: 400, code });
        output.error(explain(error, "reading") as OperatorError);
      },
    ],
    [
      "a missing permission",
      (output, [group, role, scope, caller]) => {
        const error = Object.assign(new Error("no"), {
          name: "RestError",
          statusCode: 403,
          code: "Forbidden",
        });
        const permission = { group, role, scope, caller } as Record<string, string>;
        output.error(explain(error, "reading", () => permission as never) as OperatorError);
      },
    ],
    [
      "a line of `status`",
      (output, [terminal, customer, site, reason]) => {
        const table = new StatusTable(output.stdout, 0);
        const files = { waiting: 0, delivered: 0, failed: 0 };
        const status = { customer, site, reason, state: "revoked", files, drift: ["flowStillOpen"] };
        table.add({ ...status, terminal } as never);
        table.end();
      },
    ],
    [
      "a line of `files`",
      (output, [id, name]) =>
        output.result(
          "file",
          {},
          formatOffer(
            { id, state: "waiting", offer: { name, direction: "upload", validUntil: 0 } } as never,
            false,
          ),
        ),
    ],
    [
      "a line of `audit show`",
      (output, [reason, site, text, terminal]) =>
        output.result(
          "change",
          {},
          formatChange({
            about: { command: "revoke", reason, details: { site } },
            result: { outcome: "failed", message: text },
            who: { objectId: "x", name: text },
            open: [terminal],
            done: 1,
            failed: 0,
          } as never),
        ),
    ],
    [
      "the question of `revoke`",
      (output, [terminal, customer, site, environment]) => {
        const location = { customer, site };
        const fleet = { outputs: { environment }, hubSize: { tier: "S1", units: 1 } } as unknown as Fleet;
        output.note(revocationQuestion({ terminals: new Map([[terminal, location]]) } as never, fleet));
        output.note(describeTerminal(terminal as string, { customers: [customer as string], site }));
      },
    ],
    [
      "the progress of a transfer",
      (output, [name]) => {
        const progress = new TransferProgress({
          title: `sending ${name}`,
          total: 1,
          quiet: false,
          stream: output.stderr,
        });
        (progress as unknown as { live: { draw(): void } }).live.draw();
        progress.stop();
      },
    ],
  ])("%s is written as text", (_what, write) => {
    expectText(write, { isTTY });
  });
});

test("the reference terminal's log has one line an entry, whatever a file name contains", async () => {
  await using folder = await temporaryFolder();
  const shown: string[] = [];
  const log = fileLog(folder.path, (line) => shown.push(line));
  log("download of \u001b[2J\u202ea\nb: done");
  expect(shown).toEqual(["download of \\u{1b}[2J\\u{202e}a\\u{a}b: done"]);
  expect(readFileSync(folder.file("outgoing/terminal.log"), "utf8")).toMatch(
    /^\S+ download of \\u\{1b\}\[2J\\u\{202e\}a\\u\{a\}b: done\n$/,
  );
});

test("an error that a remedy of several lines follows keeps its own lines", () => {
  const { stream, text } = capture();
  new Output({ stderr: stream }).error(new OperatorError("failed", ["a", "  b"], { remedy: ["c", "  d"] }));
  expect(text()).toBe("Error: a\n  b\n  c\n    d\n");
  expect(toLines("a\nb")).toEqual(["a\nb"]);
});
