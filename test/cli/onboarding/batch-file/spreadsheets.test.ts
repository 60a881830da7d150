import iconv from "iconv-lite";
import { describe, expect, test } from "vitest";
import { readFile } from "./read-file.ts";

describe("a batch file from Excel", () => {
  const header = "terminal;site;customer\n";

  test.each([
    ["ex_002", 'contains "_"'],
    ["Hall 3", 'contains " "'],
    ["ab\u200bc", 'contains "\\u200b"'],
    ["ab", "has 2 characters"],
    ["-abc", "starts or ends with a hyphen"],
  ])("with the ID %j is rejected with the reason: %s", async (id, reason) => {
    const { problems } = await readFile(`${header}${id};A;acme\n`);
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
      const { problems } = await readFile(`${header}"${value}";A;acme\n`);
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
    const { problems } = await readFile(`${title}${header}t-001;A;acme\n`);
    const number = title.split("\n").length;
    expect(problems).toEqual([
      {
        line: 1,
        reason: `the column names are not on line 1; they seem to be on line ${number}: delete ${lines}`,
      },
    ]);
  });

  test("without column names is rejected with the names that are missing", async () => {
    const { problems } = await readFile(`t-001;A\n${"t-002;B\n".repeat(20)}`);
    expect(problems.map(({ line }) => line)).toEqual([1, 1, 1, 1]);
    expect(problems.at(-1)?.reason).toBe('no column for the site: name one "site" or "lokasjon"');
  });

  test("with a line break in a field is rejected once, with the line where the field begins", async () => {
    const { problems } = await readFile(
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
    const { batch, problems } = await readFile(
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
    const { problems } = await readFile(
      Buffer.concat([utf8("terminal;sted;kunde;beskrivelse ø\n"), windows("t-001;Ås;acme;\n")]),
    );
    expect(problems).toEqual([{ line: 1, reason: expect.stringMatching(mixed("ø")) }]);
  });

  test("is not assumed for Windows-1252 text with quotes, dashes and spaces after Ä, Å and Ì", async () => {
    const sites = ["«NÅ»", "“PÅ”", "Kari’s RÅ’s", "PÅ – Å—Å…", "Åª Åº 5 Å°", "MÅ\u00a0NÅ", "ÄÖÜ ÄÅÆ"];
    const rows = sites.map((site, number) => `t-00${number};${site};acme\n`).join("");
    const { problems, terminals } = await readFile(windows(header + rows));
    expect(problems).toEqual([]);
    // The name of a site is stored with ordinary spaces.
    expect(terminals.map(({ site }) => site)).toEqual(sites.map((site) => site.replace("\u00a0", " ")));
  });
});
