import { describe, expect, test } from "vitest";
import { norwegian } from "../../../cli/words/no/index.ts";
import { collectWords, hasWords } from "../../support/word-texts.ts";
import { isMachineText, untranslated } from "./untranslated.ts";

/*
 * Every text for people is in English in the code and in Norwegian in cli/words/no/. The texts are found in the syntax
 * trees: a new one without a translation fails here.
 */

const words = collectWords("cli/**/*.ts");
const placeholdersOf = (text: string) => (text.match(/\{\d+\}/g) ?? []).toSorted();

describe("the Norwegian words", () => {
  test("have a translation of every text, with the same values in it", () => {
    expect(words.tagged.length).toBeGreaterThan(60);
    const missing = words.tagged.filter(
      ({ text }) => hasWords(text) && !Object.hasOwn(norwegian.texts, text),
    );
    expect(missing).toEqual([]);
    const different = Object.entries(norwegian.texts).filter(
      ([english, text]) => `${placeholdersOf(english)}` !== `${placeholdersOf(text)}`,
    );
    expect(different).toEqual([]);
  });

  test("have no text that the code no longer has", () => {
    const used = new Set(words.tagged.map(({ text }) => text));
    expect(Object.keys(norwegian.texts).filter((english) => !used.has(english))).toEqual([]);
  });

  test("have both forms of every noun that is counted, and no other noun", () => {
    const used = new Set(words.nouns.map(({ text }) => text));
    expect(Object.keys(norwegian.nouns).toSorted()).toEqual([...used].toSorted());
  });

  test("name the same options and commands as the English text", () => {
    const codeOf = (text: string) =>
      (text.match(/`[^`]*`|(?<![\w-])--[a-z][a-z-]*|\b[A-Z][A-Z_]{4,}\b/g) ?? []).toSorted();
    const different = Object.entries(norwegian.texts).filter(
      // Titles of columns are words in capitals.
      ([english, text]) => /\p{Ll}/u.test(english) && `${codeOf(english)}` !== `${codeOf(text)}`,
    );
    expect(different).toEqual([]);
  });
});

describe("the source of the command line", () => {
  test("makes no text for people before the language is chosen", () => {
    expect(words.tooEarly).toEqual([]);
  });

  test("has no sentence without the tag `t`, outside the files that are not translated yet", () => {
    const isListed = ({ at }: { at: string }) => untranslated.some((path) => at.startsWith(path));
    const untagged = words.untagged.filter((one) => !isMachineText(one));
    expect(untagged.filter((one) => !isListed(one))).toEqual([]);
    // A path leaves the list as soon as all of its texts are translated.
    const done = untranslated.filter((path) => !untagged.some(({ at }) => at.startsWith(path)));
    expect(done).toEqual([]);
  });
});
