import type { WordText } from "../../support/word-texts.ts";

/** Folders and files with texts that are English only. The list can only get shorter. */
export const untranslated: string[] = [
  "cli/audit-log/",
  "cli/azure/",
  "cli/commands/audit/",
  "cli/commands/clean-up/",
  "cli/commands/completion/",
  "cli/commands/endpoints/",
  "cli/commands/files/",
  "cli/commands/onboard/",
  "cli/commands/reinstate/",
  "cli/commands/replace/",
  "cli/commands/request/",
  "cli/commands/retire/",
  "cli/commands/revoke/",
  "cli/commands/rotate-signing-key/",
  "cli/commands/rotate/",
  "cli/commands/send/",
  "cli/commands/simulate/",
  "cli/commands/status/",
  "cli/credentials/",
  "cli/file-exchange/",
  "cli/fleet-status/",
  "cli/lib/",
  "cli/lifecycle/",
  "cli/network/",
  "cli/onboarding/",
  "cli/signing-keys/",
];

/** Files without a text for people: generated English pages, and styles. */
const machineFiles = ["cli/commands/reference.ts", "cli/words/no/"];

/** Files with both languages side by side, as the customer's sheet has them. */
const bilingualFiles = ["cli/network/rows/"];

/** Examples and usages of commands, options, and numbers with a unit that is the same in both languages. */
const machineTexts = [
  /^(npx )?terminals [a-z]/,
  /^source </,
  /^-{1,2}[a-z]/,
  /^help \[command\]$/,
  /^ *az ad group member add /,
  /^# created: /,
  /^\{0\} (s|min)$/,
];

/** Whether a text of several words is no text for people. */
export function isMachineText({ at, text }: WordText): boolean {
  return (
    [...machineFiles, ...bilingualFiles].some((path) => at.startsWith(path)) ||
    machineTexts.some((pattern) => pattern.test(text))
  );
}
