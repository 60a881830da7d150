import { t } from "../words/translate.ts";
import { printable } from "./printable.ts";

/** Words that every shell takes as they are. */
const plainWord = /^[A-Za-z0-9_/:.][A-Za-z0-9_/:.@+=,-]*$/;

/**
 * Characters that have a meaning for PowerShell or cmd inside quotes. PowerShell takes typographic quotes as quotes
 * (about_Quoting_Rules), and passes arguments of `az` and `npx`, which are batch files, on to cmd.exe, which evaluates
 * these characters again ("BatBadBut", CVE-2024-24576).
 */
const unquotableOnWindows = /["'`$%&|<>^!()\u2018-\u201f]/;

/**
 * Quotes a value for a command that a message shows and a person pastes: for the shells of POSIX, or on Windows for
 * PowerShell. Pasted, the value is one argument, and no part of it is run.
 * @param placeholder Stands for a value that cannot be quoted: one with characters that are not shown as themselves, or
 * on Windows with characters that cmd evaluates. The person sees that a value has to be filled in.
 */
export function quote(
  value: string,
  placeholder: string,
  platform: NodeJS.Platform = process.platform,
): string {
  if (plainWord.test(value)) return value;
  if (value === "" || printable(value) !== value) return placeholder;
  if (platform !== "win32") return `'${value.replaceAll("'", "'\\''")}'`;
  return unquotableOnWindows.test(value) ? placeholder : `'${value}'`;
}

/** Names the shell that `quote` quotes for, to follow "runs": empty for POSIX, " in PowerShell" on Windows. */
export function inShell(platform: NodeJS.Platform = process.platform): string {
  return platform === "win32" ? t` in PowerShell` : "";
}
