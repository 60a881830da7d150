import type { WordText } from "../../support/word-texts.ts";

/** Folders and files with texts that are English only. The list can only get shorter. */
export const untranslated: string[] = ["cli/network/"];

/** Files without a text for people: generated English pages, and styles. */
const machineFiles = [
  "cli/commands/completion/completion-scripts.ts",
  "cli/commands/reference.ts",
  "cli/fleet-status/html/page-style.ts",
  // Its sentences are for the generated page.
  "cli/lib/exit-codes.ts",
  "cli/onboarding/batch-file/code-pages.ts",
  "cli/words/no/",
];

/** Files with both languages side by side, as the customer's sheet has them. */
const bilingualFiles = ["cli/network/rows/", "cli/network/doctor/"];

/** Examples and usages of commands, options, and numbers with a unit that is the same in both languages. */
const machineTexts = [
  /^(npx )?terminals [a-z]/,
  /^source </,
  /^-{1,2}[a-z]/,
  /^help \[command\]$/,
  /^ *az ad group member add /,
  /^# created: /,
  /^\{0\} (s|min)$|^\{0\} {2}\{1\} {2}\{2\} s {2}\{3\}$/,
];

/** Texts of several words for machines: queries, records that are English in every language, names of CSS classes. */
const machineWords = [
  // Names of services and roles, codes, headers, commands and filters.
  /^(IoT Hub|Resource Manager|Log Analytics|Storage Account Key Operator Service Role)$/,
  /^(Storage Table Data Contributor|IoT Hub (Twin|Registry) Contributor)$/,
  /^HTTP \{0\}$|^application\/json; |^(PartitionKey|RowKey) eq /,
  /^ *az (storage account show|role assignment create) /,
  // Facts about a foreign answer, for the administrator of a proxy.
  /^(proxy|redirect to|Server:|Via:) \{0\}$|^no content type$|^the proxy $/,
  // Queries of the connection log and of the IoT Hub.
  /^(where|extend|summarize) /,
  /^deviceId, status, |^properties\.desired\.files AS |^ (WHERE|AND) tags\.|^SELECT /,
  /^<!doctype html>|^(tile|card) alert$/,
  // What is recorded in the audit log, in device twins and in the logs of terminals.
  /^replaced by |^moved from \{0\} to |^rotations in progress$|^lookup \{0\}|^no answer$|^handed over$/,
  /^(reinstating it failed|being reinstated)$/,
  // Causes in the error of a damaged workbook, and a pattern.
  /^(a document type|nested too deeply)$|^\^\\d\{1,2\}\[/,
  /^a defect of the program$|^must be base64 of 32 bytes$/,
  /^-----BEGIN AGE$/,
  // The start of an error's English text, which is recognised.
  /^the answer did not come$/,
];

/** Whether a text of several words is no text for people. */
export function isMachineText({ at, text }: WordText): boolean {
  return (
    [...machineFiles, ...bilingualFiles].some((path) => at.startsWith(path)) ||
    [...machineTexts, ...machineWords].some((pattern) => pattern.test(text))
  );
}
