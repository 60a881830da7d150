import type { Help } from "@commander-js/extra-typings";
import { currentLanguage } from "../words/language.ts";
import { t } from "../words/translate.ts";

/*
 * The words that commander itself writes into help and usage errors. Commander has no translations: its English texts are
 * recognised here.
 */

/** Settings of commander's help in the language of this run. */
export function helpWords(): Partial<Help> {
  if (currentLanguage() === "en") return {};
  const titles: Record<string, string> = {
    "Usage:": t`Usage:`,
    "Arguments:": t`Arguments:`,
    "Options:": t`Options:`,
    "Global Options:": t`Global Options:`,
    "Commands:": t`Commands:`,
  };
  return {
    styleTitle: (title) => titles[title] ?? title,
    styleUsage: translateTerms,
    styleSubcommandTerm: translateTerms,
    styleOptionDescription: translateExtras,
  };
}

/** `[options]`, `[command]` in a usage. */
function translateTerms(text: string): string {
  return text.replace("[options]", t`[options]`).replace(/\[command\]$/, t`[command]`);
}

/** What commander adds to the description of an option, for example `(choices: "auto", "never", default: "auto")`. */
function translateExtras(text: string): string {
  return text.replace(/\((?:choices|default): .*\)$/s, (extras) =>
    extras.replace(/(?<=\()choices:/, t`choices:`).replace(/(?<=\(|, )default:/, t`default:`),
  );
}

/** Commander's usage errors, without "error: ". */
const usageErrors: [RegExp, (values: string[]) => string][] = [
  [/^unknown command '(.*)'/s, ([a = ""]) => t`unknown command '${a}'`],
  [/^unknown option '(.*)'/s, ([a = ""]) => t`unknown option '${a}'`],
  [/^missing required argument '(.*)'$/s, ([a = ""]) => t`missing required argument '${a}'`],
  [/^option '(.*)' argument missing$/s, ([a = ""]) => t`option '${a}' argument missing`],
  [/^required option '(.*)' not specified$/s, ([a = ""]) => t`required option '${a}' not specified`],
  [
    /^option '(.*)' cannot be used with option '(.*)'$/s,
    ([a = "", b = ""]) => t`option '${a}' cannot be used with option '${b}'`,
  ],
  [
    /^option '(.*?)' argument '(.*)' is invalid\. Allowed choices are (.*)\.$/s,
    ([a = "", b = "", c = ""]) => t`option '${a}' argument '${b}' is invalid. Allowed choices are ${c}.`,
  ],
  [
    /^option '(.*?)' argument '(.*)' is invalid\. (.*)$/s,
    ([a = "", b = "", c = ""]) => t`option '${a}' argument '${b}' is invalid. ${c}`,
  ],
  [
    /^command-argument value '(.*)' is invalid for argument '(.*?)'\. Allowed choices are (.*)\.$/s,
    ([a = "", b = "", c = ""]) =>
      t`command-argument value '${a}' is invalid for argument '${b}'. Allowed choices are ${c}.`,
  ],
  [
    /^command-argument value '(.*)' is invalid for argument '(.*?)'\. (.*)$/s,
    ([a = "", b = "", c = ""]) => t`command-argument value '${a}' is invalid for argument '${b}'. ${c}`,
  ],
  [
    /^too many arguments for '(.*)'\. Expected (\d+) arguments? but got (\d+)\.$/s,
    ([a = "", b = "", c = ""]) => t`too many arguments for '${a}'. Expected ${b}, got ${c}.`,
  ],
];

/**
 * A usage error of commander in the language of this run, with its suggestion "(Did you mean …?)".
 * @param message With or without "error: " at its start. In English it is returned as it is.
 */
export function translateUsageError(message: string): string {
  if (currentLanguage() === "en") return message;
  const [, prefix = "", error = "", suggestion] =
    /^(error: )?(.*?)(?:\n\(Did you mean ([^\n]*)\?\))?$/s.exec(message) ?? [];
  const translated = translateError(error);
  const hint = suggestion?.replace(/^one of /, t`one of `);
  return [
    prefix ? t`Error: ` + translated : translated,
    ...(hint === undefined ? [] : ["\n", t`(Did you mean ${hint}?)`]),
  ].join("");
}

function translateError(error: string): string {
  for (const [pattern, translate] of usageErrors) {
    const match = pattern.exec(error);
    if (match) return translate(match.slice(1));
  }
  return error;
}
