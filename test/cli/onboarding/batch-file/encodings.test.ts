import fc from "fast-check";
import iconv from "iconv-lite";
import { describe, expect, test } from "vitest";
import { readFile } from "./read-file.ts";

const header = "terminal;site;customer\n";
const lineOf = (site: string) => `t-001;${site};acme\n`;
const fileOf = (site: string, encoding: string) => iconv.encode(`${header}${lineOf(site)}`, encoding);

/** Names from Norway, Sweden, Denmark, Iceland, Finland, Germany and France. */
const names = [
  ...[
    "Rådhuset",
    "Tromsø",
    "Ærfuglveien",
    "Østerås",
    "Ålesund",
    "Bodø",
    "Sørøya",
    "Lærdal",
    "RØROS",
    "LÆRDAL",
  ],
  ...["Göteborg", "Malmö", "Gävle", "Örebro", "Älvsborg", "Växjö", "Jönköping", "Umeå", "Åre", "Höganäs"],
  ...["Müller", "Straße", "Überlingen", "Köln", "Kafé", "Français", "Hôtel de ville", "Forêt", "Noël"],
];
/** Here the bytes are a plausible name in two encodings, and the message suggests the other one. */
const ambiguous = new Set(["macintosh Noël"]);

describe("a batch file whose letters were read or saved in a wrong encoding", () => {
  const legacy: [encoding: string, label: string][] = [
    ["macintosh", "CSV (Macintosh)"],
    ["cp850", "CSV (MS-DOS)"],
    ["cp865", "CSV (MS-DOS)"],
    ["cp437", "CSV (MS-DOS)"],
  ];
  const cases = legacy.flatMap(([encoding, label]) =>
    names
      .filter((name) => iconv.decode(iconv.encode(name, encoding), encoding) === name)
      .filter((name) => !ambiguous.has(`${encoding} ${name}`))
      .map((name) => [name, encoding, label] as const),
  );
  test.each(cases)(
    "with %j in %s is rejected with its line, the encoding and the name",
    async (name, encoding, label) => {
      const { batch, problems } = await readFile(fileOf(name, encoding));
      expect(batch).toBeUndefined();
      const word = name.split(" ").find((one) => /[^\0-\x7f]/.test(one));
      expect(problems).toEqual([
        {
          line: 2,
          reason: expect.stringContaining(
            `looks like "${word}" in the encoding ${label}: save the list from its source as CSV UTF-8`,
          ),
        },
      ]);
    },
  );

  const readAs: [encoding: string, label: string][] = [
    ["win1252", "Windows-1252"],
    ["latin1", "Windows-1252"],
    ["macintosh", "Macintosh"],
    ["cp850", "MS-DOS"],
    ["cp437", "MS-DOS"],
  ];
  const doubled = readAs.flatMap(([encoding, label]) =>
    names.map((name) => [name, encoding, label] as const),
  );
  test.each(doubled)(
    "with %j in UTF-8 that was read as %s is rejected with its line and the name",
    async (name, encoding, label) => {
      const read = (text: string) => iconv.decode(Buffer.from(text, "utf8"), encoding);
      for (const text of [read(name), read(read(name))]) {
        if (text.includes("\ufffd")) continue;
        for (const savedAs of ["utf8", "utf16-le"]) {
          const { batch, problems } = await readFile(
            iconv.encode(`${header}${lineOf(text)}`, savedAs, { addBOM: true }),
          );
          expect(batch).toBeUndefined();
          expect(problems).toEqual([
            {
              line: 2,
              reason: expect.stringContaining(
                `in UTF-8 that was read as ${label}: save the list from its source as CSV UTF-8`,
              ),
            },
          ]);
          expect(problems[0]?.reason).toContain(
            `looks like "${name.split(" ").find((one) => /[^\0-\x7f]/.test(one))}"`,
          );
        }
      }
    },
  );

  test.each([
    ["R\ufffddhuset", 'R\ufffddhuset" has U+FFFD in place of a letter that was lost'],
    ["R?dhuset", '"R?dhuset" has a question mark in place of a letter that was lost'],
    ["R†dhuset", '"R†dhuset" looks like "Rådhuset" in the encoding CSV (MS-DOS)'],
    ["Troms¿", '"Troms¿" looks like "Tromsø" in the encoding CSV (Macintosh)'],
    ["Bia³ystok", '"Bia³ystok" looks like "Białystok" in the encoding Windows-1250 (Central Europe)'],
  ])("with %j in UTF-8 is rejected with its line", async (name, reason) => {
    const { problems } = await readFile(fileOf(name, "utf8"));
    expect(problems).toEqual([{ line: 2, reason: expect.stringContaining(reason) }]);
  });

  test("is rejected with each such line, and no other line", async () => {
    const rows = ["Rådhuset", "Hall", "Tromsø", "Kafé", "Annex"].map(
      (site, at) => `t-00${at};${site};acme\n`,
    );
    const { problems } = await readFile(iconv.encode(header + rows.join(""), "macintosh"));
    expect(problems.map(({ line }) => line)).toEqual([2, 4, 5]);
  });

  test("is rejected with its header only, if that has such letters", async () => {
    const { problems } = await readFile("terminal;sted;kunde;Ã˜vrig\nt-001;Hall;acme;\n");
    expect(problems).toEqual([{ line: 1, reason: expect.stringContaining('looks like "Øvrig"') }]);
  });
});

describe("a batch file with names of Europe", () => {
  const alphabets: Record<string, string> = {
    nordic: "abcdefghijklmnopqrstuvwxyzåæøäöéüáíóúýðþ",
    sami: "abcdefghijklmnoprstuvzáčđŋšŧžåäöæøï",
    german: "abcdefghijklmnopqrstuvwxyzäöüß",
    french: "abcdefghijklmnopqrstuvwxyzàâæçéèêëîïôœùûüÿ",
    polish: "abcdefghijklmnoprstuwyząćęłńóśźż",
  };
  const word = (letters: string) =>
    fc
      .string({ unit: fc.constantFrom(...letters), minLength: 1, maxLength: 12 })
      .chain((text) =>
        fc.constantFrom(text, text.charAt(0).toUpperCase() + text.slice(1), text.toUpperCase()),
      );
  const mark = fc.constantFrom(
    " ",
    " ",
    "-",
    " l’",
    "’s ",
    " – ",
    " & ",
    ", ",
    " (",
    ". ",
    "/",
    " n° 1 ",
    " 2½ ",
  );
  const name = (letters: string) =>
    fc
      .tuple(word(letters), fc.array(fc.tuple(mark, word(letters)), { maxLength: 3 }))
      .map(([first, rest]) => first + rest.flat().join(""))
      .filter((text) => text.length <= 100);

  test.each(Object.entries(alphabets))(
    "accepts all names of %s letters in UTF-8",
    async (_alphabet, letters) => {
      await fc.assert(
        fc.asyncProperty(fc.array(name(letters), { minLength: 1, maxLength: 20 }), async (sites) => {
          const rows = sites.map((site, at) => `t-${1000 + at};"${site}";acme\n`);
          const { problems } = await readFile(header + rows.join(""));
          expect(problems).toEqual([]);
        }),
        { numRuns: 60 },
      );
    },
  );

  test.each(["nordic", "german", "french"])(
    "accepts all names of %s letters in Windows-1252",
    async (alphabet) => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(name(alphabets[alphabet] as string), { minLength: 1, maxLength: 20 }),
          async (sites) => {
            const rows = sites.map((site, at) => `t-${1000 + at};"${site}";acme\n`);
            const { problems } = await readFile(iconv.encode(header + rows.join(""), "win1252"));
            expect(problems).toEqual([]);
          },
        ),
        { numRuns: 60 },
      );
    },
  );

  test.each([
    "Šibenik",
    "Žižkov",
    "Deanušaldi Å",
    "Œuvre",
    "CŒUR DE VILLE",
    "L'HAŸ-LES-ROSES",
    "Kari’s hall",
    "Rock ’n’ roll",
    "’t Hooft",
    "“Haus”",
    "„Haus“",
    "‚Haus‘",
    "«Huset»",
    "‹Huset›",
    "7” skjerm",
    "Coop®",
    "Extra™",
    "§ 12",
    "Hall 2½ – vest",
    "100 m²",
    "50 €",
    "Vent…",
    "Hva?",
    "SÃO PAULO",
  ])("accepts %j in Windows-1252 and in UTF-8", async (site) => {
    for (const encoding of ["win1252", "utf8"]) {
      const { problems, terminals } = await readFile(fileOf(site, encoding));
      expect(problems).toEqual([]);
      expect(terminals.map((one) => one.site)).toEqual([site]);
    }
  });
});

describe("a header line in the middle of a batch file", () => {
  test.each([
    ["as it is", "terminal;site;customer"],
    ["in upper case", "TERMINAL;SITE;CUSTOMER"],
    ["in another order", "Customer;Terminal;Site"],
    ["in Norwegian", "Serienummer;Lokasjon;Kunde"],
    ["in Norwegian and another order", "Sted;Kunde-ID;Terminal nr."],
    ["with quoted names", '"Terminal ID";"Site name";"Customer"'],
    ["with a byte order mark", "\ufeffterminal;site;customer"],
    ["with fewer columns", "terminal;site"],
    ["with another delimiter", "Serienr,Sted"],
    ["with an unknown column", "terminal;anlegg;kunde"],
    ["with only the terminal's name", "terminal;Rådhuset;acme"],
  ])("is a problem of its line: %s", async (_case, line) => {
    const { batch, problems } = await readFile(`${header}t-001;Hall;acme\n${line}\nt-002;Hall;acme\n`);
    expect(batch).toBeUndefined();
    expect(problems).toEqual([{ line: 3, reason: "this line has column names again: delete it" }]);
  });

  test("is not assumed for a terminal, site or name that contains such a word", async () => {
    const rows = [
      "terminal-1;Terminal;acme\n",
      "site-2;Site;acme\n",
      "oslo-terminal;Sted A;acme\n",
      "dev;Location;acme\n",
    ];
    const { problems, terminals } = await readFile(header + rows.join(""));
    expect(problems).toEqual([]);
    expect(terminals).toHaveLength(4);
  });
});
