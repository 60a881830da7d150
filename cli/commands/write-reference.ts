import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { renderReportSchema } from "../network/doctor/report-schema.ts";
import { renderListSchema } from "../network/list-schema.ts";
import { Output } from "../terminal-ui/output.ts";
import { Prompt } from "../terminal-ui/prompt.ts";
import { createProgram } from "./program.ts";
import { renderCommandReference, renderExitCodes } from "./reference.ts";

/* `npm run docs:cli`: writes the generated pages of docs/reference/. */

const folder = join(import.meta.dirname, "..", "..", "docs", "reference");
const program = createProgram({
  signal: new AbortController().signal,
  output: new Output({}),
  prompt: new Prompt(),
});
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, "cli.md"), renderCommandReference(program));
writeFileSync(join(folder, "exit-codes.md"), renderExitCodes());
writeFileSync(join(folder, "endpoints.schema.json"), renderListSchema());
writeFileSync(join(folder, "doctor.schema.json"), renderReportSchema());
