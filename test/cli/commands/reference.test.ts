import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createProgram } from "../../../cli/commands/program.ts";
import { renderCommandReference, renderExitCodes } from "../../../cli/commands/reference.ts";
import { renderReportSchema } from "../../../cli/network/doctor/report-schema.ts";
import { renderListSchema } from "../../../cli/network/list-schema.ts";
import { Output } from "../../../cli/terminal-ui/output.ts";
import { Prompt } from "../../../cli/terminal-ui/prompt.ts";

const page = (name: string) =>
  readFileSync(join(import.meta.dirname, "../../../docs/reference", name), "utf8");
const program = createProgram({
  signal: new AbortController().signal,
  output: new Output({}),
  prompt: new Prompt(),
});

test.each([
  ["cli.md", renderCommandReference(program)],
  ["exit-codes.md", renderExitCodes()],
  ["endpoints.schema.json", renderListSchema()],
  ["doctor.schema.json", renderReportSchema()],
])("docs/reference/%s is up to date with the definitions", (name, rendered) => {
  expect(page(name), "The page is stale: run `npm run docs:cli` and commit the result.").toBe(rendered);
});

test("every command, option and argument has a description, and every command an example", () => {
  const text = renderCommandReference(program);
  expect(text).not.toMatch(/^\| `[^`]*` \| *(required; |optional; )?\|/m);
  const commands = text.split("\n## ").slice(1);
  expect(commands.length).toBeGreaterThan(15);
  expect(commands.filter((section) => section.match(/^```$/gm)?.length !== 4)).toEqual([]);
});
