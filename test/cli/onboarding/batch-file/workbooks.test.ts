import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readFile } from "./read-file.ts";
import { type TestCell, writeOds, writeXlsx, writeZip, xlsxParts } from "./write-workbook.ts";

const header = ["Serienummer", "Lokasjon", "Kunde", "Navn"];
const rows = [
  header,
  ["T-001", 'Rådhuset; "øst" & <vest>', "acme", "Dør"],
  [],
  ["T-002", "Østfløyen", "acme", ""],
];
const terminals = [
  { id: "t-001", customer: "acme", site: 'Rådhuset; "øst" & <vest>', name: "Dør" },
  { id: "t-002", customer: "acme", site: "Østfløyen" },
];
const formats = [
  ["xlsx", writeXlsx],
  ["ods", (sheet: TestCell[][]) => writeOds({ Sheet1: sheet })],
] as const;
const advice = "Excel seems to have changed it: format the column as Text and ask for the list again";

describe.each(formats)("a batch file .%s", (_format, write) => {
  test("is read, with empty rows and cells", async () => {
    expect(await readFile(write(rows))).toMatchObject({ problems: [], terminals });
  });

  test("has the problems of its rows, with their numbers", async () => {
    const { problems } = await readFile(
      write([["Terminaler 2026"], [], ["terminal", "site", "telefon"], ["t-001", "A", "1"]]),
    );
    expect(problems).toEqual([
      {
        line: 1,
        reason: "the column names are not on line 1; they seem to be on line 3: delete lines 1 to 2",
      },
      { line: 3, reason: 'unknown column "telefon": delete it, or name it terminal, site, customer or name' },
    ]);
  });

  test("names a wrong character, an invisible one by its code", async () => {
    const { problems } = await readFile(
      write([header, ["ab\u200bc", "A", "acme"], ["ex_1", "B\nC", "acme"]]),
    );
    expect(problems.map(({ line, reason }) => `${line}: ${reason.split(";")[0]}`)).toEqual([
      '2: terminal "ab\\u200bc" contains "\\u200b"',
      '3: terminal "ex_1" contains "_"',
      '3: site "B\\u000aC" contains a line break',
    ]);
  });

  test("with IDs that are numbers is read, with the advice to check for missing zeros", async () => {
    const { batch, problems } = await readFile(write([header, [10_001, "A", "acme"], [10_002, "A", "acme"]]));
    expect(problems).toEqual([]);
    expect(batch?.doubts).toEqual([
      expect.stringMatching(/^2 terminal IDs are numbers .* format the column as Text/),
    ]);
  });

  test("with numbers that have fewer digits than others is rejected once, with their count", async () => {
    const some = [
      ["00124", "A", "acme"],
      [123, "A", "acme"],
      [125, "A", "acme"],
    ];
    const { problems } = await readFile(write([header, ...some]));
    expect(problems).toEqual([
      {
        line: 3,
        reason: `terminal "123" (and 1 more) has 3 digits and others have 5: zeros at its start may be missing. ${advice}`,
      },
    ]);
  });

  test("is read in any state that its bytes are in, or has problems", async () => {
    const valid = write(rows);
    const change = fc.record({
      at: fc.nat(valid.length),
      bytes: fc.uint8Array({ minLength: 1, maxLength: 4 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), async (changes) => {
        const damaged = Buffer.from(valid);
        for (const { at, bytes } of changes) damaged.set(bytes.slice(0, valid.length - at), at);
        const { batch, problems } = await readFile(damaged, "acme");
        expect(batch === undefined).toBe(problems.length > 0);
      }),
      { numRuns: 60 },
    );
  });
});

describe("what Excel did to an ID", () => {
  test.each([
    ["a long number", { xml: "<c><v>123456789012</v></c>" }, '"1.23457E+11"'],
    ["a date", { xml: '<c s="1"><v>46082</v></c>' }, '"2026-03-01"'],
    ["a reference that is gone", { xml: '<c t="e"><f>A9</f><v>#REF!</v></c>' }, '"#REF!"'],
    ["a truth value", { xml: '<c t="b"><v>1</v></c>' }, '"TRUE"'],
  ])("is told with the advice to format the column as Text: %s", async (_name, cell, shown) => {
    const { problems } = await readFile(writeXlsx([header, [cell, "A", "acme"]]));
    expect(problems).toEqual([{ line: 2, reason: expect.stringContaining(`terminal ${shown}`) }]);
    expect(problems[0]?.reason).toMatch(new RegExp(`${advice}$`));
  });

  test.each([
    [
      "a date",
      '<table:table-cell office:value-type="date" office:date-value="2026-03-01"><text:p>01.mar</text:p></table:table-cell>',
    ],
    ["an error", '<table:table-cell office:value-type="string"><text:p>#REF!</text:p></table:table-cell>'],
  ])("is told for .ods: %s", async (_name, xml) => {
    const { problems } = await readFile(writeOds({ A: [header, [{ xml }, "A", "acme"]] }));
    expect(problems).toEqual([{ line: 2, reason: expect.stringMatching(new RegExp(`${advice}$`)) }]);
  });

  test.each(["2026-03-01", "1-mar", "01-03-2026", "4711.0"])(
    "is told for the text %s, in place of an ID or as one",
    async (id) => {
      const { problems } = await readFile(`terminal;site;customer\n${id};A;acme\n`);
      expect(problems).toEqual([{ line: 2, reason: expect.stringMatching(new RegExp(`${advice}$`)) }]);
    },
  );

  test("is undone by the format of the cell: zeros and texts are part of the ID", async () => {
    const cells = [{ xml: '<c s="2"><v>42</v></c>' }, { xml: '<c s="3"><v>7</v></c>' }];
    const read = await readFile(writeXlsx([header, ...cells.map((cell) => [cell, "A", "acme"])]));
    expect(read.terminals.map(({ id }) => id)).toEqual(["00042", "ex-007"]);
    expect(read.batch?.doubts).toEqual([]);
  });
});

describe("the sheet of a workbook", () => {
  const sheets = { Oversikt: [header, ["t-1", "A", "acme"]], Terminaler: rows, Gamle: [header] };
  const books = [writeZip(xlsxParts(sheets)), writeOds(sheets)];

  test("is the first one, and the operator is told of the others", async () => {
    for (const book of books) {
      const { batch } = await readFile(book);
      expect(batch).toMatchObject({
        terminals: 1,
        doubts: [
          'Only the sheet "Oversikt" is read; the workbook has 2 more sheets. `--sheet NAME` reads another one.',
        ],
      });
    }
  });

  test("is the one that is named, in any case of letters", async () => {
    for (const book of books) {
      const { batch, terminals: read } = await readFile(book, undefined, "terminaler");
      expect([batch?.doubts, read]).toEqual([[], terminals]);
    }
  });

  test("that does not exist is told with the nearest name", async () => {
    const { problems } = await readFile(books[0] as Buffer, undefined, "Terminalar");
    expect(problems).toEqual([
      { line: 1, reason: 'the workbook has no sheet "Terminalar"; did you mean "Terminaler"?' },
    ]);
    const text = await readFile("terminal;site\n", "acme", "A");
    expect(text.problems[0]?.reason).toBe("this is no workbook, so it has no sheets: leave --sheet out");
  });
});

describe("a workbook that cannot be read is told with its remedy", () => {
  const sheet = "xl/worksheets/sheet1.xml";
  const withSheet = (content: string, size?: number) =>
    writeZip({ ...xlsxParts({ A: rows }), [sheet]: { content, size } });
  const row = (xml: string) => `<worksheet><sheetData>${xml}</sheetData></worksheet>`;

  test.each([
    ["too large", withSheet("<worksheet/>", 600 * 1024 * 1024), /too large: its xl.* has more than 512 MB/],
    ["larger than it says", withSheet(" ".repeat(1e6), 1000), /damaged/],
    ["an entity", withSheet(`<!DOCTYPE a [<!ENTITY b "c">]><worksheet/>`), /damaged/],
    ["an endless nesting", withSheet("<a>".repeat(1000)), /damaged/],
    [
      "a far column",
      withSheet(row('<row r="1"><c r="XFD1" t="str"><v>x</v></c></row>')),
      /row 1 has a value beyond column 200/,
    ],
    ["a far row", withSheet(row('<row r="9999999"/>')), /out of order/],
    ["another archive", writeZip({ "a.txt": "b" }), /this is no workbook/],
    [
      "an old workbook",
      Buffer.from("d0cf11e0a1b11ae1", "hex"),
      /old workbook \(\.xls\), or one with a password/,
    ],
    [
      "a password",
      writeZip({ "content.xml": "x", "META-INF/manifest.xml": "<encryption-data/>" }),
      /has a password/,
    ],
  ])("%s", async (_name, content, reason) => {
    const { batch, problems } = await readFile(content);
    expect(batch).toBeUndefined();
    expect(problems[0]?.reason).toMatch(reason);
  });
});
