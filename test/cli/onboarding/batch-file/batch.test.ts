import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import iconv from "iconv-lite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { checkBatch, type Problem, readBatch } from "../../../../cli/onboarding/batch-file/batch.ts";
import type { Terminal } from "../../../../cli/onboarding/batch-file/rows.ts";
import { temporaryFolder } from "../../../support/folder.ts";

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => folder?.[Symbol.asyncDispose]());

async function read(bytes: Uint8Array | string, customer?: string) {
  const file = folder.file("batch.csv");
  writeFileSync(file, bytes);
  const problems: Problem[] = [];
  const batch = await checkBatch(file, { customer, onProblem: (problem) => problems.push(problem) });
  const terminals: Terminal[] = [];
  if (batch) for await (const terminal of readBatch(batch)) terminals.push(terminal);
  return { batch, problems, terminals };
}

const twoTerminals = [
  { id: "t-001", customer: "acme", site: "Kjøkkenet på Ås" },
  { id: "t-002", customer: "acme", site: "Østfløyen" },
];
const norwegian = "Serienummer;Lokasjon;Kunde\r\nT-001;Kjøkkenet på Ås;ACME\r\nT-002;Østfløyen;acme\r\n";

describe("a valid batch file", () => {
  for (const encoding of ["utf8", "utf16-le", "utf16-be", "win1252"]) {
    test.each([true, false])(`is read in ${encoding}, with byte order mark: %s`, async (addBOM) => {
      if (!addBOM && encoding.startsWith("utf16")) return;
      const { terminals, problems } = await read(iconv.encode(norwegian, encoding, { addBOM }));
      expect(problems).toEqual([]);
      expect(terminals).toEqual(twoTerminals);
    });
  }

  test.each([";", ",", "\t"])(
    "is read with delimiter %j, any line break and quoted fields",
    async (delimiter) => {
      // The delimiter in a quoted field does not split it. A tab is not allowed in the name of a site.
      const inside = delimiter === "\t" ? "," : delimiter;
      const rows = [
        ["Terminal ID", "Site", "Name"],
        ["t-001", `"Hall ${inside}""A"""`, "Door"],
        ["t-002", "Hall B", ""],
      ].map((row) => row.join(delimiter));
      for (const end of ["\n", "\r\n", "\r"]) {
        const { terminals, problems } = await read(`${rows.join(end)}${end}${end}`, "acme");
        expect(problems).toEqual([]);
        expect(terminals).toEqual([
          { id: "t-001", customer: "acme", site: `Hall ${inside}"A"`, name: "Door" },
          { id: "t-002", customer: "acme", site: "Hall B" },
        ]);
      }
    },
  );

  test("is read with the line sep=;, empty columns at the end and empty rows, as Excel writes them", async () => {
    const { terminals, problems } = await read(
      "sep=;\r\nterminal;sted;;\r\nt-001;A;;\r\n;;;\r\nt-002;B;;;;\r\n",
      "acme",
    );
    expect(problems).toEqual([]);
    expect(terminals.map((terminal) => terminal.id)).toEqual(["t-001", "t-002"]);
  });
});

describe("an invalid batch file", () => {
  const cases: [string, string, Problem[]][] = [
    ["no content", "", [{ line: 1, reason: "no terminals" }]],
    ["only a header", "terminal;site\n", [{ line: 1, reason: "no terminals" }]],
    [
      "unknown and missing columns",
      "terminal;colour\nt-001;red\n",
      [
        {
          line: 1,
          reason: 'unknown column "colour": delete it, or name it terminal, site, customer or name',
        },
        { line: 1, reason: 'no column for the site: name one "site" or "lokasjon"' },
      ],
    ],
    [
      "two columns for the terminal",
      "terminal;serial;site\nt-001;t-001;A\n",
      [{ line: 1, reason: "2 columns for the terminal: delete all but one" }],
    ],
    [
      "problems on many lines",
      'terminal;site;customer\nt-001;A;acme\nt--2;A;acme\nT-001;B;acme\nt-003;;acme\nt-004\nt-005;"A;acme\nt-006;A;other\nt-007;A\u0007;acme\n',
      [
        {
          line: 3,
          reason:
            'terminal "t--2" contains two hyphens in a row; allowed are 3 to 63 characters: a-z, 0-9 and single hyphens between them',
        },
        { line: 4, reason: "terminal t-001 is on line 2 too" },
        { line: 5, reason: "site is missing" },
        { line: 6, reason: "1 field, but the header has 3 columns" },
        { line: 7, reason: "a quotation mark is at a wrong place: remove it" },
        { line: 8, reason: "customer other, but line 2 has acme: a batch has one customer" },
        { line: 9, reason: 'site "A\\u0007" contains a character that cannot be printed' },
      ],
    ],
    [
      "a device name that Windows reserves",
      "terminal;site;customer\nCOM1;A;acme\ncom10;A;acme\n",
      [
        {
          line: 2,
          reason: 'terminal "COM1" is a name that Windows reserves, so no file can have it',
        },
      ],
    ],
    [
      "no customer in the file or on the command line",
      "terminal;site\nt-001;A\nt-002;A\n",
      [{ line: 2, reason: "no customer: give --customer ID, or a column customer (kunde)" }],
    ],
    [
      "a line of 100,000 characters",
      `terminal;site;customer\nt-001;${"x".repeat(100_000)};acme\nt-002;A;acme\nt-002;A;acme\n`,
      [
        { line: 2, reason: "longer than 4096 characters" },
        { line: 4, reason: "terminal t-002 is on line 3 too" },
      ],
    ],
    [
      "an Excel workbook",
      "PK\u0003\u0004rest",
      [{ line: 1, reason: expect.stringMatching(/Excel workbook/) as unknown as string }],
    ],
    [
      "binary content",
      "terminal\0;site",
      [{ line: 1, reason: expect.stringMatching(/not a text file/) as unknown as string }],
    ],
  ];
  test.each(cases)("is rejected with the lines of its problems: %s", async (_name, text, expected) => {
    const { batch, problems } = await read(text);
    expect(problems).toEqual(expected);
    expect(batch).toBeUndefined();
  });

  test("is rejected when its customer is not the one on the command line", async () => {
    const { problems } = await read("terminal;site;customer\nt-001;A;other\n", "acme");
    expect(problems).toEqual([
      { line: 2, reason: "customer other, but the command line has acme: a batch has one customer" },
    ]);
  });
});

describe("a batch file from Excel", () => {
  const header = "terminal;site;customer\n";

  test.each([
    ["ex_002", 'contains "_"'],
    ["Hall 3", 'contains " "'],
    ["ab\u200bc", 'contains "\\u200b"'],
    ["ab", "has 2 characters"],
    ["-abc", "starts or ends with a hyphen"],
  ])("with the ID %j is rejected with the reason: %s", async (id, reason) => {
    const { problems } = await read(`${header}${id};A;acme\n`);
    const shown = JSON.stringify(id).replace("\u200b", "\\u200b");
    expect(problems).toEqual([
      {
        line: 2,
        reason: `terminal ${shown} ${reason}; allowed are 3 to 63 characters: a-z, 0-9 and single hyphens between them`,
      },
    ]);
  });

  test.each(["1,23E+11", "1.23457E+12", "01.mar", "12.des", "#REF!", "#N/A", "01.02.2026"])(
    "with %j in place of an ID is rejected with the advice to format the column as Text",
    async (value) => {
      const { problems } = await read(`${header}"${value}";A;acme\n`);
      expect(problems).toEqual([
        {
          line: 2,
          reason: expect.stringMatching(/Excel seems to have changed it: format the column as Text/),
        },
      ]);
    },
  );

  test.each([
    ["a title", "Terminaler – eksempel kommune 2026\n", "line 1"],
    ["two lines of title", "Terminals\n;;\nof 2026\n", "lines 1 to 3"],
  ])("with %s above the header is rejected with the lines to delete", async (_title, title, lines) => {
    const { problems } = await read(`${title}${header}t-001;A;acme\n`);
    const number = title.split("\n").length;
    expect(problems).toEqual([
      { line: 1, reason: `the column names are on line ${number}: delete ${lines}` },
    ]);
  });

  test("without column names is rejected with the names that are missing", async () => {
    const { problems } = await read(`t-001;A\n${"t-002;B\n".repeat(20)}`);
    expect(problems.map(({ line }) => line)).toEqual([1, 1, 1, 1]);
    expect(problems.at(-1)?.reason).toBe('no column for the site: name one "site" or "lokasjon"');
  });

  test("with a line break in a field is rejected once, with the line where the field begins", async () => {
    const { problems } = await read(
      `${header}t-001;"Hall\nsecond\nthird floor";acme\nt-002;A;acme\nt-003;"B;acme\n`,
    );
    expect(problems).toEqual([
      {
        line: 2,
        reason: "a field that begins on this line has a line break (Alt+Enter in Excel): remove it",
      },
      { line: 6, reason: "a quotation mark is at a wrong place: remove it" },
    ]);
  });
});

describe("a batch file in UTF-8 and Windows-1252", () => {
  const utf8 = (text: string) => iconv.encode(text, "utf8");
  const windows = (text: string) => iconv.encode(text, "win1252");
  const header = "terminal;site;customer\n";
  const mixed = (letter: string) =>
    new RegExp(`^"${letter}" is in UTF-8 on this line, and other lines are not`);

  test("is rejected with each line that has a letter in UTF-8", async () => {
    const { batch, problems } = await read(
      Buffer.concat([
        utf8(`${header}t-001;Kjøkkenet på Ås;acme\n`),
        windows("t-002;Østfløyen;acme\n"),
        utf8("t-003;Østfløyen;acme\nt-004;Hall;acme\nt-005;Čáhcesuolu Á;acme\nt-006;Kjo\u0308kken;acme\n"),
      ]),
    );
    expect(batch).toBeUndefined();
    expect(problems).toEqual(
      [
        [2, "ø"],
        [4, "Ø"],
        [6, "Č"],
        [7, "\u0308"],
      ].map(([line, letter]) => ({ line, reason: expect.stringMatching(mixed(String(letter))) })),
    );
  });

  test("is rejected with its header line only, if that has a letter in UTF-8", async () => {
    const { problems } = await read(
      Buffer.concat([utf8("terminal;sted;kunde;beskrivelse ø\n"), windows("t-001;Ås;acme;\n")]),
    );
    expect(problems).toEqual([{ line: 1, reason: expect.stringMatching(mixed("ø")) }]);
  });

  test("is not assumed for Windows-1252 text with quotes, dashes and spaces after Ä, Å and Ì", async () => {
    const sites = ["«NÅ»", "“PÅ”", "Kari’s RÅ’s", "PÅ – Å—Å…", "Åª Åº 5 Å°", "MÅ\u00a0NÅ", "ÄÖÜ ÄÅÆ"];
    const rows = sites.map((site, number) => `t-00${number};${site};acme\n`).join("");
    const { problems, terminals } = await read(windows(header + rows));
    expect(problems).toEqual([]);
    expect(terminals.map(({ site }) => site)).toEqual(sites);
  });
});

describe("a file of any bytes", () => {
  const fields = fc.constantFrom(
    ...'terminal,site,customer,name,serienummer,Lokasjon,t-001,t-002,A,acme,","",;,\t,\n,\r,\r\n,é,\u0000,\ufeff'.split(
      ",",
    ),
    ",",
  );
  const text = fc.array(fields, { maxLength: 60 }).map((parts) => parts.join(""));
  const headed = fc
    .array(fields, { maxLength: 60 })
    .map((parts) => `terminal;site;customer\n${parts.join("")}`);
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    text.map((value) => new TextEncoder().encode(value)),
    headed.map((value) => new TextEncoder().encode(value)),
    headed.map((value) => iconv.encode(value, "utf16-le", { addBOM: true })),
  );
  async function expectTerminalsOrProblems(input: Uint8Array): Promise<void> {
    const { batch, problems, terminals } = await read(input, "acme");
    const lineCount = input.length + 1;
    for (const problem of problems) {
      expect(problem.line).toBeGreaterThanOrEqual(1);
      expect(problem.line).toBeLessThanOrEqual(lineCount);
      expect(problem.reason).not.toBe("");
      expect(problem.reason).not.toMatch(/\n|at .+:\d+:\d+/);
    }
    expect(batch === undefined).toBe(problems.length > 0);
    expect(new Set(terminals.map((terminal) => terminal.id)).size).toBe(terminals.length);
    expect(terminals.length).toBe(batch?.terminals ?? 0);
  }

  test("results in terminals, or in problems with valid line numbers", async () => {
    await fc.assert(fc.asyncProperty(bytes, expectTerminalsOrProblems), { numRuns: 400 });
  });

  const encodings = ["utf8", "utf16-le", "utf16-be", "win1252"] as const;
  /** One change of a file: some bytes are replaced by others. */
  const change = fc.record({
    at: fc.nat(),
    removed: fc.nat({ max: 6 }),
    inserted: fc.uint8Array({ maxLength: 6 }),
  });
  const damaged = fc
    .record({
      encoding: fc.constantFrom(...encodings),
      addBOM: fc.boolean(),
      end: fc.constantFrom("\n", "\r\n", "\r"),
      changes: fc.array(change, { minLength: 1, maxLength: 4 }),
    })
    .map(({ encoding, addBOM, end, changes }) => {
      const valid = iconv.encode(norwegian.replaceAll("\r\n", end), encoding, { addBOM });
      return changes.reduce((file, { at, removed, inserted }) => {
        const from = at % (file.length + 1);
        return Buffer.concat([file.subarray(0, from), inserted, file.subarray(from + removed)]);
      }, valid);
    });
  test("results in terminals or problems, for damaged valid files in every encoding", async () => {
    await fc.assert(fc.asyncProperty(damaged, expectTerminalsOrProblems), { numRuns: 1_000 });
  });

  test("results in the terminals that were written to it", async () => {
    const site = fc
      .string({ unit: "grapheme", minLength: 1, maxLength: 40 })
      .map((value) => value.normalize("NFC").trim())
      .filter((value) => value !== "" && !/[\p{C}\u2028\u2029\ufeff]/u.test(value) && value.length <= 100);
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.stringMatching(/^[a-z0-9]{3,20}$/), { minLength: 1 }),
        site,
        async (ids, name) => {
          const rows = ids.map((id) => `${id};"${name.replaceAll('"', '""')}"`);
          const { terminals, problems } = await read(`terminal;site\n${rows.join("\n")}`, "acme");
          expect(problems).toEqual([]);
          expect(terminals).toEqual(ids.map((id) => ({ id, customer: "acme", site: name })));
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe("the example batch files", () => {
  test.each([
    ["example-municipality.csv", "example-municipality", 25],
    ["eksempel-kommune.csv", "eksempel-kommune", 14],
  ])("are valid: %s", async (name, customer, terminals) => {
    const { batch, problems } = await read(
      readFileSync(join(import.meta.dirname, "../../../../examples", name)),
    );
    expect(problems).toEqual([]);
    expect(batch).toMatchObject({ customer, terminals, sites: 2 });
  });
});
