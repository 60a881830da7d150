import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import iconv from "iconv-lite";
import { describe, expect, test } from "vitest";
import { terminalId } from "../../../../cli/lib/ids.ts";
import type { Problem } from "../../../../cli/onboarding/batch-file/batch.ts";
import { readFile } from "./read-file.ts";

const twoTerminals = [
  { id: "t-001", customer: "acme", site: "Kjøkkenet på Ås" },
  { id: "t-002", customer: "acme", site: "Østfløyen" },
];
const norwegian = "Serienummer;Lokasjon;Kunde\r\nT-001;Kjøkkenet på Ås;ACME\r\nT-002;Østfløyen;acme\r\n";

describe("a valid batch file", () => {
  for (const encoding of ["utf8", "utf16-le", "utf16-be", "win1252"]) {
    test.each([true, false])(`is read in ${encoding}, with byte order mark: %s`, async (addBOM) => {
      if (!addBOM && encoding.startsWith("utf16")) return;
      const { terminals, problems } = await readFile(iconv.encode(norwegian, encoding, { addBOM }));
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
        const { terminals, problems } = await readFile(`${rows.join(end)}${end}${end}`, "acme");
        expect(problems).toEqual([]);
        expect(terminals).toEqual([
          { id: "t-001", customer: "acme", site: `Hall ${inside}"A"`, name: "Door" },
          { id: "t-002", customer: "acme", site: "Hall B" },
        ]);
      }
    },
  );

  test("is read with the line sep=;, empty columns at the end and empty rows, as Excel writes them", async () => {
    const { terminals, problems } = await readFile(
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
      "a damaged workbook",
      "PK\u0003\u0004rest",
      [{ line: 1, reason: "the workbook is damaged: open it, and save it again" }],
    ],
    [
      "binary content",
      "terminal\0;site",
      [{ line: 1, reason: expect.stringMatching(/neither a text file nor a workbook/) as unknown as string }],
    ],
  ];
  test.each(cases)("is rejected with the lines of its problems: %s", async (_name, text, expected) => {
    const { batch, problems } = await readFile(text);
    expect(problems).toEqual(expected);
    expect(batch).toBeUndefined();
  });

  test("is rejected when its customer is not the one on the command line", async () => {
    const { problems } = await readFile("terminal;site;customer\nt-001;A;other\n", "acme");
    expect(problems).toEqual([
      { line: 2, reason: "customer other, but the command line has acme: a batch has one customer" },
    ]);
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
    const { batch, problems, terminals } = await readFile(input, "acme");
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
      .map((value) =>
        value
          .normalize("NFC")
          .replace(/\p{White_Space}+/gu, " ")
          .trim(),
      )
      .filter((value) => value !== "" && !/[\p{C}\p{Default_Ignorable_Code_Point}\u2800]/u.test(value))
      .filter(({ length }) => length <= 100);
    // Without an x, some of these strings are what Excel makes of other values, or reserved by Windows, such as "con".
    const id = fc
      .stringMatching(/^[a-z0-9]{0,9}x[a-z0-9]{2,9}$/)
      .filter((text) => terminalId.safeParse(text).success);
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(id, { minLength: 1 }), site, async (ids, name) => {
        const rows = ids.map((id) => `${id};"${name.replaceAll('"', '""')}"`);
        const { terminals, problems } = await readFile(`terminal;site\n${rows.join("\n")}`, "acme");
        expect(problems).toEqual([]);
        expect(terminals).toEqual(ids.map((id) => ({ id, customer: "acme", site: name })));
      }),
      { numRuns: 200 },
    );
  });
});

describe("the example batch files", () => {
  test.each([
    ["example-municipality.csv", "example-municipality", 25],
    ["eksempel-kommune.csv", "eksempel-kommune", 14],
  ])("are valid: %s", async (name, customer, terminals) => {
    const { batch, problems } = await readFile(
      readFileSync(join(import.meta.dirname, "../../../../examples", name)),
    );
    expect(problems).toEqual([]);
    expect(batch).toMatchObject({ customer, terminals, sites: 2 });
  });
});
