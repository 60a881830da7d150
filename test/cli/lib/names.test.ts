import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { label, whyInvalid } from "../../../cli/lib/ids.ts";
import {
  findInvisible,
  isSameName,
  lookalikeKey,
  nameKey,
  normalizeName,
  quoteName,
} from "../../../cli/lib/names.ts";

/** White space of the Unicode Character Database, PropList.txt, without line breaks. */
const spaces = [
  ..."\t \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000",
];
const lineBreaks = [..."\n\v\f\r\u0085\u2028\u2029"];
const invisibles = [
  "\u00ad",
  "\u034f",
  "\u061c",
  "\u115f",
  "\u1160",
  "\u17b4",
  "\u180e",
  "\u200b",
  "\u200c",
  "\u200d",
  "\u200e",
  "\u200f",
  "\u202a",
  "\u202e",
  "\u2060",
  "\u2064",
  "\u2066",
  "\u2069",
  "\u2800",
  "\u3164",
  "\ufe0e",
  "\ufe0f",
  "\uffa0",
  "\u{e0001}",
  "\u{e0041}",
  "\u{e0100}",
];

const text = fc.string({ unit: "binary" });
const word = fc.string({ unit: fc.constantFrom(..."abcøåÆéßŋčłЖ0-'"), minLength: 1, maxLength: 8 });
const gap = fc.string({ unit: fc.constantFrom(...spaces), minLength: 1, maxLength: 3 });

describe("normalizing a name", () => {
  test("twice gives what it gives once", () => {
    const check = (name: string) => {
      expect(normalizeName(normalizeName(name))).toBe(normalizeName(name));
      expect(nameKey(nameKey(name))).toBe(nameKey(name));
      expect(isSameName(name, normalizeName(name))).toBe(true);
    };
    fc.assert(fc.property(text, check));
  });

  test("gives one name for words with any white space between and around them", () => {
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 4 }), fc.infiniteStream(gap), (words, gaps) => {
        const next = () => gaps.next().value as string;
        const spaced = words.map((one) => `${next()}${one.normalize("NFD")}`).join("") + next();
        expect(normalizeName(spaced)).toBe(words.join(" "));
        expect(label.parse(spaced)).toBe(words.join(" "));
      }),
    );
  });

  test("gives two names for two texts with different letters", () => {
    const check = (a: string, b: string) => {
      expect(isSameName(a, b)).toBe(a.normalize("NFC") === b.normalize("NFC"));
    };
    fc.assert(fc.property(word, word, check));
  });
});

describe("the name of a site", () => {
  test.each(invisibles)("is rejected with the invisible character %j, which is named", (character) => {
    const codePoint = `U+${character.codePointAt(0)?.toString(16).toUpperCase().padStart(4, "0")}`;
    expect(whyInvalid(label, `Town${character}hall`)).toContain(
      `contains the invisible character ${codePoint}`,
    );
    expect(findInvisible(character)).toContain(codePoint);
  });

  test.each(invisibles)("with the invisible character %j equals the name without it", (character) => {
    expect(isSameName(`Town ${character}hall`, "Town hall")).toBe(true);
    expect(quoteName(`Town ${character}hall`)).toMatch(/^"Town \\u\{?[0-9a-f]+\}?hall"$/);
  });

  test.each(lineBreaks)(
    "is rejected with the line break %j, and equals the name with a space",
    (character) => {
      expect(whyInvalid(label, `Town${character}hall`)).toBe("contains a line break");
      expect(isSameName(`Town${character}hall`, "Town hall")).toBe(true);
    },
  );

  test.each([
    ["Town hall", "TOWN HALL"],
    ["Straße 1", "STRASSE 1"],
    ["STRAẞE", "Straße"],
    ["Irmak", "\u0131rmak"],
    ["\u0130zmir", "izmir"],
    ["Oslo-S", "Oslo\u2013S"],
    ["Oslo-S", "Oslo\u2011S"],
    ["L'Or", "L\u2019Or"],
    ["Rådhus", "R\u0430\u030adhus"],
    ["Bø", "Bo\u0338"],
    ["Hall 1", "Hall \uff11"],
    ["Bar", "\u0412\u0430r"],
  ])("%j looks like %j without being the same, and both are quoted differently", (a, b) => {
    expect(isSameName(a, b)).toBe(false);
    expect(lookalikeKey(a)).toBe(lookalikeKey(b));
    expect(quoteName(a, { hasLookalike: true })).not.toBe(quoteName(b, { hasLookalike: true }));
  });

  test.each([
    ["Ås", "As"],
    ["Bø", "Bo"],
    ["Hall 1", "Hall 2"],
    ["Townhall", "Town hall"],
    ["Sør", "Sær"],
  ])("%j does not look like %j", (a, b) => {
    expect(lookalikeKey(a)).not.toBe(lookalikeKey(b));
  });
});
