import type { WordText } from "../../support/word-texts.ts";

/** Folders and files with texts that are English only. The list can only get shorter. */
export const untranslated: string[] = [
  "cli/audit-log/",
  "cli/azure/",
  "cli/commands/audit/",
  "cli/commands/clean-up/",
  "cli/commands/completion/",
  "cli/commands/files/",
  "cli/commands/onboard/",
  "cli/commands/open/",
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
  "cli/onboarding/",
  "cli/signing-keys/",
];

/** Files without a text for people: generated English pages, and styles. */
const machineFiles = ["cli/commands/reference.ts", "cli/words/no/"];

/** Examples of commands, options and usages of commands, and numbers with a unit of measurement that is the same in both languages. */
const machineTexts = [/^(npx )?terminals [a-z]/, /^source </, /^-{1,2}[a-z]/, /^help \[command\]$/, /^\{0\} (s|min)$/];

/** Whether a text of several words is no text for people. */
export function isMachineText({ at, text }: WordText): boolean {
  return (
    machineFiles.some((path) => at.startsWith(path)) || machineTexts.some((pattern) => pattern.test(text))
  );
}
