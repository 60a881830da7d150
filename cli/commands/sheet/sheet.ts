import { checkCustomerId } from "../../arguments/identifiers.ts";
import { readOutputs } from "../../arguments/stack-connection.ts";
import { OperatorError } from "../../lib/operator-error.ts";
import { writeWholeFile } from "../../lib/write-whole-file.ts";
import { compareLists } from "../../network/compare-lists.ts";
import { createEndpointList } from "../../network/create-list.ts";
import { readOlderList } from "../../network/older-list.ts";
import { renderCsv } from "../../network/rules/csv.ts";
import { createRules } from "../../network/rules/rule-set.ts";
import { readServiceTags } from "../../network/service-tags.ts";
import { createSheet } from "../../network/sheet/create-sheet.ts";
import { renderSheetHtml } from "../../network/sheet/html/render-html.ts";
import { printPdf } from "../../network/sheet/pdf/print-pdf.ts";
import { sheetValue } from "../../network/sheet/render-json.ts";
import { renderSheetMarkdown } from "../../network/sheet/render-markdown.ts";
import type { Sheet } from "../../network/sheet/sheet.ts";
import { currentLanguage, type Language } from "../../words/language.ts";
import { t } from "../../words/translate.ts";
import type { CommandContext } from "../command.ts";
import type { SheetOptions } from "./definition.ts";

/** `sheet`: writes the sheet for a customer's IT people, in the language of `--lang`. */
export async function run(options: SheetOptions, { output, command }: CommandContext): Promise<void> {
  const { format, out } = options;
  if (format === "pdf" && out === undefined) {
    throw new OperatorError("usage", t`a PDF needs a file: --out FILE`);
  }
  const sheet = await prepareSheet(options, chosenLanguage(command.optsWithGlobals()));
  const { language } = sheet.input;
  const content = format === "pdf" ? await printPdf(renderSheetHtml(sheet)) : renderText(sheet, format);
  if (out !== undefined) {
    await writeWholeFile(out, content);
    output.note(t`The sheet is ${out}.`);
  }
  const text = out === undefined ? String(content) : undefined;
  const result = { format, language, version: sheet.version, file: out ?? null, content: text };
  output.result("sheet", result, text === undefined ? [] : text.trimEnd().split(/\r?\n/));
}

/** The sheet's language is that of the option, also with --json, which makes only the messages English. */
function chosenLanguage({ lang }: { lang?: unknown }): Language {
  return lang === "no" || lang === "en" ? lang : currentLanguage();
}

async function prepareSheet(options: SheetOptions, language: Language): Promise<Sheet> {
  const customer = checkCustomerId(options.customer);
  const serviceTags =
    options.serviceTags === undefined ? undefined : await readServiceTags(options.serviceTags);
  const outputs = await readOutputs(options);
  const { environment } = outputs;
  const older =
    options.since === undefined ? undefined : await readOlderList(options.since, { environment, customer });
  const list = createEndpointList({ ...outputs, customer, since: older, now: Date.now() });
  const since = older ? { list: older, changes: compareLists(older, list) } : undefined;
  return createSheet({ list, language, rules: createRules(list, language), since, serviceTags });
}

function renderText(sheet: Sheet, format: "html" | "md" | "json" | "csv"): string {
  switch (format) {
    case "html":
      return renderSheetHtml(sheet);
    case "md":
      return renderSheetMarkdown(sheet);
    case "json":
      return `${JSON.stringify(sheetValue(sheet), null, 2)}\n`;
    case "csv":
      return renderCsv(sheet.input.list, sheet.input.language);
  }
}
