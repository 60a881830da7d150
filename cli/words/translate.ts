import { currentCatalogue, currentLanguage, currentLocale } from "./language.ts";

type Value = string | number;

/**
 * A text for people in the language of this run. The English text is in the code, and is the key of its translation in
 * cli/words/no/. Without a translation the text is English; a test demands one of every text that has a word.
 *
 * Only inside a function: a text at the top of a module would be made before the language is chosen.
 * @example t`${terminal} is revoked`
 */
export function t(strings: TemplateStringsArray, ...values: Value[]): string {
  const key = keyOf(strings);
  const text = fillIn(currentCatalogue().texts[key] ?? key, values.map(String));
  if (currentLanguage() !== "en") rememberEnglish(text, fillIn(key, values.map(englishValue)));
  return text;
}

/**
 * The text for a number: `one` for 1, otherwise `other`.
 * @example plural(files, { one: t`1 file is waiting`, other: t`${files} files are waiting` })
 */
export function plural(number: number, forms: { one: string; other: string }): string {
  return isOne(number) ? forms.one : forms.other;
}

/** A number with its noun in the right form: `count(1, "terminal")` is "1 terminal", 2 are "2 terminals". */
export function count(number: number, noun: string, pluralNoun = `${noun}s`): string {
  const english = `${number} ${number === 1 ? noun : pluralNoun}`;
  const forms = currentCatalogue().nouns[noun];
  if (!forms) return english;
  const text = `${number} ${isOne(number) ? forms[0] : forms[1]}`;
  rememberEnglish(text, english);
  return text;
}

/** Joins texts by "and": "hub and files". */
export function joinAnd(texts: readonly string[]): string {
  return texts.length === 0 ? "" : texts.reduce((all, text) => t`${all} and ${text}`);
}

/** A number with the decimal mark of the language and grouped thousands: "4.2", "4,2". @param digits Decimals; default 0. */
export function formatNumber(value: number, digits = 0): string {
  const options = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return inLocale((locale) => new Intl.NumberFormat(locale, options).format(value));
}

/** A text that `Intl` makes in the current locale. Records have the English one. */
export function inLocale(format: (locale: string) => string): string {
  const text = format(currentLocale());
  if (currentLanguage() !== "en") rememberEnglish(text, format("en-GB"));
  return text;
}

/** Compares names in the order of the language: in Norwegian æ, ø and å come after z. Numbers in names count as numbers. */
export function nameOrder(): (a: string, b: string) => number {
  return new Intl.Collator(currentLocale(), { numeric: true }).compare;
}

/**
 * The English form of a text that `t` or `count` made in this process, for records that are English in every language.
 * Any other text is returned as it is. Texts that were made long ago may be forgotten.
 */
export function inEnglish(text: string): string {
  return englishTexts.get(text) ?? text;
}

/** English texts by the text that was shown instead, the newest `maxEnglishTexts` of them. */
const englishTexts = new Map<string, string>();
const maxEnglishTexts = 20_000;

function rememberEnglish(text: string, english: string): void {
  if (text === english) return;
  englishTexts.delete(text);
  englishTexts.set(text, english);
  if (englishTexts.size > maxEnglishTexts) englishTexts.delete(englishTexts.keys().next().value as string);
}

const keys = new WeakMap<TemplateStringsArray, string>();

/** The text of a template with `{0}`, `{1}` … for its values. */
function keyOf(strings: TemplateStringsArray): string {
  let key = keys.get(strings);
  if (key === undefined) {
    key = strings.reduce((text, part, index) => `${text}{${index - 1}}${part}`);
    keys.set(strings, key);
  }
  return key;
}

function fillIn(text: string, values: readonly string[]): string {
  return text.replace(/\{(\d+)\}/g, (placeholder, index) => values[Number(index)] ?? placeholder);
}

/** The English form of a value that is itself a text in another language. */
function englishValue(value: Value): string {
  return typeof value === "number" ? String(value) : inEnglish(value);
}

function isOne(number: number): boolean {
  return new Intl.PluralRules(currentLocale()).select(number) === "one";
}
