import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { printable, printableJson } from "../../../cli/lib/printable.ts";

/** Unicode's direction marks: UAX #9, "Bidi_Control". */
const directionMarks = [
  0x061c,
  0x200e,
  0x200f,
  ...[0x202a, 0x202b, 0x202c, 0x202d, 0x202e],
  ...[0x2066, 0x2067, 0x2068, 0x2069],
];
const controls = [...Array(0x20).keys(), ...Array.from({ length: 0x21 }, (_, n) => 0x7f + n)];
const acting = [
  ...controls,
  0x2028,
  0x2029,
  ...directionMarks,
  0x200b,
  0x2060,
  0xfeff,
  0xad,
  0xe0041,
  0xfff9,
];

describe("printable text", () => {
  test("shows every control character, separator, direction mark and invisible character as its code", () => {
    for (const code of acting) {
      const shown = printable(`a${String.fromCodePoint(code)}b`);
      expect(shown, code.toString(16)).toBe(`a\\u{${code.toString(16)}}b`);
    }
    expect(printable("half \ud800 pair")).toBe("half \\u{d800} pair");
  });

  test.each([
    "Østfløyen, 2. etasje",
    "قاعة المدينة",
    "עירייה",
    "می‌روم",
    "👨‍👩‍👧 ❤️",
    "市役所",
    "Cafe\u0301 \u00a0 – “quoted” \\u{1b}",
  ])("leaves ordinary writing as it is: %s", (text) => {
    expect(printable(text)).toBe(text);
  });

  test("of any text contains no character that acts, and is not changed a second time", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const shown = printable(text);
        expect(shown).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\p{Bidi_Control}]/u);
        expect(printable(shown)).toBe(shown);
      }),
    );
  });
});

describe("printable JSON", () => {
  test("means the same as other JSON, on one line without a character that acts", () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: "binary" }), fc.string({ unit: "binary" }), (value, text) => {
        const json = printableJson({ value, text, acting: String.fromCodePoint(...acting) });
        expect(JSON.parse(json)).toEqual(
          JSON.parse(JSON.stringify({ value, text, acting: String.fromCodePoint(...acting) })),
        );
        expect(json).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\p{Bidi_Control}]/u);
      }),
    );
  });

  test("escapes characters outside the Basic Multilingual Plane as a surrogate pair", () => {
    expect(printableJson("\u{e0041}\u009b\u202e")).toBe('"\\udb40\\udc41\\u009b\\u202e"');
  });
});
