import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import iconv from "iconv-lite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  checkBatch,
  type Problem,
  readBatch,
  type Terminal,
} from "../../../../cli/onboarding/batch-file/batch.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "batch-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function read(bytes: Uint8Array | string, customer?: string) {
  const file = join(folder, "batch.csv");
  writeFileSync(file, bytes);
  const problems: Problem[] = [];
  const batch = await checkBatch(file, { customer, onProblem: (problem) => problems.push(problem) });
  const terminals: Terminal[] = [];
  if (batch) for await (const terminal of readBatch(batch)) terminals.push(terminal);
  return { batch, problems, terminals };
}

const two = [
  { id: "t-001", customer: "acme", site: "Kjøkkenet på Ås" },
  { id: "t-002", customer: "acme", site: "Østfløyen" },
];
const norwegian = "Serienummer;Lokasjon;Kunde\r\nT-001;Kjøkkenet på Ås;ACME\r\nT-002;Østfløyen;acme\r\n";

describe("a batch as people make it", () => {
  for (const encoding of ["utf8", "utf16-le", "utf16-be", "win1252"]) {
    test.each([true, false])(`${encoding}, byte order mark: %s`, async (addBOM) => {
      if (!addBOM && encoding.startsWith("utf16")) return;
      const { terminals, problems } = await read(iconv.encode(norwegian, encoding, { addBOM }));
      expect(problems).toEqual([]);
      expect(terminals).toEqual(two);
    });
  }

  test.each([";", ",", "\t"])("delimiter %j, any line break, quotes", async (delimiter) => {
    // A tab inside a site's name would be a control character; a comma there must not split the field.
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
  });

  test("Excel's leavings: sep=, empty columns at the end, empty rows", async () => {
    const { terminals, problems } = await read(
      "sep=;\r\nterminal;sted;;\r\nt-001;A;;\r\n;;;\r\nt-002;B;;;;\r\n",
      "acme",
    );
    expect(problems).toEqual([]);
    expect(terminals.map((terminal) => terminal.id)).toEqual(["t-001", "t-002"]);
  });
});

describe("what is wrong is told with its line, all at once", () => {
  const cases: [string, string, Problem[]][] = [
    ["an empty file", "", [{ line: 1, reason: "no terminals" }]],
    ["a header alone", "terminal;site\n", [{ line: 1, reason: "no terminals" }]],
    [
      "unknown and missing columns",
      "terminal;colour\nt-001;red\n",
      [
        { line: 1, reason: 'unknown column "colour"' },
        { line: 1, reason: expect.stringMatching(/^no column for the site/) as unknown as string },
      ],
    ],
    [
      "two columns for one thing",
      "terminal;serial;site\nt-001;t-001;A\n",
      [{ line: 1, reason: "2 columns name the terminal" }],
    ],
    [
      "many wrong lines",
      'terminal;site;customer\nt-001;A;acme\nt--2;A;acme\nT-001;B;acme\nt-003;;acme\nt-004\nt-005;"A;acme\nt-006;A;other\nt-007;A\u0007;acme\n',
      [
        { line: 3, reason: expect.stringMatching(/^terminal "t--2" must be 3 to 63/) as unknown as string },
        { line: 4, reason: "terminal t-001 is on line 2 too" },
        { line: 5, reason: "site is missing" },
        { line: 6, reason: "1 fields where the header has 3" },
        { line: 7, reason: expect.stringMatching(/quotation mark/) as unknown as string },
        { line: 8, reason: "customer other, but line 2 has acme: a batch has one customer" },
        { line: 9, reason: 'site "A\\u0007" contains a character that cannot be printed' },
      ],
    ],
    [
      "a name that Windows keeps for itself",
      "terminal;site;customer\nCOM1;A;acme\ncom10;A;acme\n",
      [
        {
          line: 2,
          reason: 'terminal "com1" is a name that Windows reserves, so no file can have it',
        },
      ],
    ],
    [
      "no customer anywhere",
      "terminal;site\nt-001;A\n",
      [{ line: 2, reason: expect.stringMatching(/^the customer is missing/) as unknown as string }],
    ],
    [
      "a line without end",
      `terminal;site;customer\nt-001;${"x".repeat(100_000)};acme\nt-002;A;acme\nt-002;A;acme\n`,
      [
        { line: 2, reason: "longer than 4096 characters" },
        { line: 4, reason: "terminal t-002 is on line 3 too" },
      ],
    ],
    [
      "a workbook",
      "PK\u0003\u0004rest",
      [{ line: 1, reason: expect.stringMatching(/Excel workbook/) as unknown as string }],
    ],
    [
      "no text",
      "terminal\0;site",
      [{ line: 1, reason: expect.stringMatching(/not a text file/) as unknown as string }],
    ],
  ];
  test.each(cases)("%s", async (_name, text, expected) => {
    const { batch, problems } = await read(text);
    expect(problems).toEqual(expected);
    expect(batch).toBeUndefined();
  });

  test("the command line's customer rules", async () => {
    const { problems } = await read("terminal;site;customer\nt-001;A;other\n", "acme");
    expect(problems).toEqual([
      { line: 2, reason: "customer other, but the command line has acme: a batch has one customer" },
    ]);
  });
});

describe("a list of two encodings", () => {
  const utf8 = (text: string) => iconv.encode(text, "utf8");
  const windows = (text: string) => iconv.encode(text, "win1252");
  const header = "terminal;site;customer\n";
  const mixed = (letter: string) => new RegExp(`^"${letter}" is in UTF-8 here, and other lines are not`);

  test("is told line by line, since it is valid in neither", async () => {
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

  test("is told once where its header is one of the lines", async () => {
    const { problems } = await read(
      Buffer.concat([utf8("terminal;sted;kunde;beskrivelse ø\n"), windows("t-001;Ås;acme;\n")]),
    );
    expect(problems).toEqual([{ line: 1, reason: expect.stringMatching(mixed("ø")) }]);
  });

  test("is not what signs behind letters make of Windows-1252", async () => {
    const sites = ["«NÅ»", "“PÅ”", "Kari’s RÅ’s", "PÅ – Å—Å…", "Åª Åº 5 Å°", "MÅ\u00a0NÅ", "ÄÖÜ ÄÅÆ"];
    const rows = sites.map((site, number) => `t-00${number};${site};acme\n`).join("");
    const { problems, terminals } = await read(windows(header + rows));
    expect(problems).toEqual([]);
    expect(terminals.map(({ site }) => site)).toEqual(sites);
  });
});

describe("any bytes give terminals or problems with their lines", () => {
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
  async function judge(input: Uint8Array): Promise<void> {
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

  test("property", async () => {
    await fc.assert(fc.asyncProperty(bytes, judge), { numRuns: 400 });
  });

  const encodings = ["utf8", "utf16-le", "utf16-be", "win1252"] as const;
  /** One thing done to a file: bytes cut out from a place, and others put there. */
  const change = fc.record({ at: fc.nat(), cut: fc.nat({ max: 6 }), put: fc.uint8Array({ maxLength: 6 }) });
  const damaged = fc
    .record({
      encoding: fc.constantFrom(...encodings),
      addBOM: fc.boolean(),
      end: fc.constantFrom("\n", "\r\n", "\r"),
      changes: fc.array(change, { minLength: 1, maxLength: 4 }),
    })
    .map(({ encoding, addBOM, end, changes }) => {
      const valid = iconv.encode(norwegian.replaceAll("\r\n", end), encoding, { addBOM });
      return changes.reduce((file, { at, cut, put }) => {
        const from = at % (file.length + 1);
        return Buffer.concat([file.subarray(0, from), put, file.subarray(from + cut)]);
      }, valid);
    });
  test("valid files in every encoding, damaged", async () => {
    await fc.assert(fc.asyncProperty(damaged, judge), { numRuns: 1_000 });
  });

  test("what is written is read back", async () => {
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

describe("the example batches", () => {
  test.each([
    ["example-municipality.csv", "example-municipality", 25],
    ["eksempel-kommune.csv", "eksempel-kommune", 14],
  ])("%s", async (name, customer, terminals) => {
    const { batch, problems } = await read(
      readFileSync(join(import.meta.dirname, "../../../../examples", name)),
    );
    expect(problems).toEqual([]);
    expect(batch).toMatchObject({ customer, terminals, sites: 2 });
  });
});
