import { isJsonRequested } from "../arguments/json-option.ts";
import type { Catalogue } from "./catalogue.ts";

/*
 * The language in which the command line talks to people. Machine data is English in every language: `--json`, audit
 * records, exit codes, the names of commands and options.
 */

export const languages = ["en", "no"] as const;

/** English, or Norwegian bokmål. */
export type Language = (typeof languages)[number];

const englishOnly: Catalogue = { texts: {}, nouns: {} };

let current: Language = "en";
let catalogue = englishOnly;

/** The language of this run; English until `useLanguage` sets another one. */
export function currentLanguage(): Language {
  return current;
}

/** The words of the current language; empty for English, which is in the code itself. */
export function currentCatalogue(): Catalogue {
  return catalogue;
}

/** BCP 47 tag of the current language, for `Intl`: day before month and 24 hours in both. */
export function currentLocale(): "en-GB" | "nb" {
  return current === "no" ? "nb" : "en-GB";
}

/** Sets the language of this process from now on, and loads its words. */
export async function useLanguage(language: Language): Promise<void> {
  catalogue = language === "no" ? (await import("./no/index.ts")).norwegian : englishOnly;
  current = language;
}

/**
 * Chooses the language of a command line before it is parsed, so that its help and its usage errors have it too.
 * English with `--json`. Otherwise the first of: `--lang`, TERMINALS_LANG, LC_ALL, LC_MESSAGES, LANG, the system's setting.
 * @param argv Arguments after the program's name.
 * @param environment.systemLocale Locale of the operating system, which Windows and macOS keep outside the variables.
 */
export function chooseLanguage(
  argv: readonly string[],
  environment: { variables: NodeJS.ProcessEnv; systemLocale: string },
): Language {
  if (isJsonRequested(argv)) return "en";
  const { variables, systemLocale } = environment;
  const { TERMINALS_LANG, LC_ALL, LC_MESSAGES, LANG } = variables;
  const chosen = [valueOfLang(argv), TERMINALS_LANG, LC_ALL, LC_MESSAGES, LANG].find(Boolean);
  return languageOf(chosen ?? systemLocale);
}

/** Value of the last `--lang` of a command line. */
function valueOfLang(argv: readonly string[]): string | undefined {
  const end = argv.indexOf("--");
  const options = end < 0 ? argv : argv.slice(0, end);
  const values = options.flatMap((argument, index) =>
    argument === "--lang" ? [options[index + 1]] : argument.startsWith("--lang=") ? [argument.slice(7)] : [],
  );
  return values.at(-1);
}

/** The language of a locale such as nb_NO.UTF-8 or nn-NO: Norwegian for both of its written forms. */
function languageOf(locale: string): Language {
  return /^(nb|nn|no)(?![a-z])/i.test(locale) ? "no" : "en";
}
