/** Norwegian words of the command line: English texts with their placeholders, and the forms of nouns. */
export interface Catalogue {
  /** Text by its English text. `{0}` is the first value of the template, `{1}` the second. */
  texts: Readonly<Record<string, string>>;
  /** Forms of a noun after 1 and after other numbers, by its English singular. */
  nouns: Readonly<Record<string, readonly [one: string, other: string]>>;
}
