import { checkCustomerId } from "../../arguments/identifiers.ts";
import { readOutputs } from "../../arguments/stack-connection.ts";
import { writeWholeFile } from "../../lib/write-whole-file.ts";
import { compareLists, formatField, type RowChange } from "../../network/compare-lists.ts";
import { createEndpointList } from "../../network/create-list.ts";
import { readOlderList } from "../../network/older-list.ts";
import { sheetWords } from "../../network/words/sheet-words.ts";
import type { SheetWords } from "../../network/words/words.ts";
import { currentLanguage } from "../../words/language.ts";
import { t } from "../../words/translate.ts";
import type { CommandContext } from "../command.ts";
import type { EndpointsOptions } from "./definition.ts";

/** `endpoints`: writes the list of every destination that terminals connect to, and what changed since an older list. */
export async function run(options: EndpointsOptions, { output }: CommandContext): Promise<void> {
  const customer = checkCustomerId(options.customer);
  const outputs = await readOutputs(options);
  const { environment } = outputs;
  const since =
    options.since === undefined ? undefined : await readOlderList(options.since, { environment, customer });
  const list = createEndpointList({ ...outputs, customer, since, now: Date.now() });
  const text = JSON.stringify(list, null, 2);
  if (options.out !== undefined) {
    await writeWholeFile(options.out, `${text}\n`);
    output.note(t`The list of ${list.destinations.length} destinations is ${options.out}.`);
  }
  if (output.json || options.out === undefined) output.result("endpoints", list, text.split("\n"));
  if (!since) return;
  const changes = compareLists(since, list);
  // For people, the changes must not be mixed with the list.
  const show = (value: object, lines: string[]) =>
    output.json || options.out !== undefined ? output.result("change", value, lines) : output.note(lines);
  for (const change of changes) show(change, describeChange(change));
  const day = since.createdAt.slice(0, 10);
  if (changes.length === 0) output.note(t`Nothing has changed since the list of ${day}.`);
  output.result("summary", { since: since.createdAt, changes: changes.length }, []);
}

/** A change for people: what the row is, and each field that differs. */
function describeChange(change: RowChange): string[] {
  const language = currentLanguage();
  // In English a field has its name in the list.
  const nameOf = (field: keyof SheetWords["changes"]["fields"]) =>
    language === "en" ? field : sheetWords[language].changes.fields[field];
  if (change.change === "added") {
    const ports = formatField(change.row, "ports", language);
    return [`+ ${change.id}: ${formatField(change.row, "host", language)}, ${ports}`];
  }
  if (change.change === "removed") return [`- ${change.id}: ${formatField(change.before, "host", language)}`];
  const { id, before, row, fields } = change;
  return [
    `~ ${id}: ${formatField(row, "host", language)}`,
    ...fields.map(
      (field) =>
        `    ${nameOf(field)}: ${formatField(before, field, language)} -> ${formatField(row, field, language)}`,
    ),
  ];
}
