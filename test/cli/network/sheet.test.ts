import { describe, expect, test } from "vitest";
import { createRules } from "../../../cli/network/rules/rule-set.ts";
import { createSheet } from "../../../cli/network/sheet/create-sheet.ts";
import { renderSheetHtml } from "../../../cli/network/sheet/html/render-html.ts";
import { parseInline, plainText } from "../../../cli/network/sheet/inline.ts";
import { sheetValue } from "../../../cli/network/sheet/render-json.ts";
import { renderSheetMarkdown } from "../../../cli/network/sheet/render-markdown.ts";
import type { Block, Section } from "../../../cli/network/sheet/sheet.ts";
import { sheetWords } from "../../../cli/network/words/sheet-words.ts";
import { exampleList, exampleSheet } from "./sheet-inputs.ts";

const no = exampleSheet("no");
const en = exampleSheet("en");
const section = (id: string, of = no): Section => {
  const found = of.sections.find((one) => one.id === id);
  if (!found) throw new Error(`There is no section ${id}.`);
  return found;
};
const markdown = renderSheetMarkdown(no);
const hosts = exampleList.destinations.flatMap(({ host }) => host ?? []);

/** What must be equal in both languages: the kind and the size of a block. */
function shapeOf(block: Block): unknown {
  if (block.kind === "list") return [block.kind, block.items.length];
  if (block.kind === "table") {
    return [
      block.kind,
      block.columns.length,
      ...block.rows.map((row) => ("cells" in row ? row.cells.length : 0)),
    ];
  }
  return block.kind;
}

/** All texts of an object, by their path. Functions are called with examples. */
function textsOf(value: unknown, path = ""): [string, string][] {
  if (typeof value === "string") return [[path, value]];
  if (typeof value === "function") return [[path, String(value("2026-12-24", "1"))]];
  return Object.entries(value as object).flatMap(([key, inner]) => textsOf(inner, `${path}.${key}`));
}

describe("the customer's sheet", () => {
  test("has the sections that the customer's IT people look for, in this order", () => {
    expect(no.sections.map(({ id }) => id)).toEqual([
      "overview",
      "destinations",
      "encryption",
      "keys",
      "personal-data",
      "proxies",
      "tls-inspection",
      "addresses",
      "teamviewer",
      "offline",
      "support",
      "changes",
      "rules",
    ]);
  });

  test.each(no.sections.map(({ id }) => id))("says the same in both languages: section %s", (id) => {
    const [norwegian, english] = [section(id, no), section(id, en)];
    expect(norwegian.blocks.map(shapeOf)).toEqual(english.blocks.map(shapeOf));
    expect(norwegian.blocks.length).toBeGreaterThan(0);
  });

  test("has every text in both languages, and no text of one in the other", () => {
    const norwegian = new Map(textsOf(sheetWords.no));
    const english = new Map(textsOf(sheetWords.en));
    expect([...norwegian.keys()].sort()).toEqual([...english.keys()].sort());
    // Names and terms that both languages have.
    const same = [...norwegian].filter(([path, text]) => english.get(path) === text);
    expect(same.map(([, text]) => text).sort()).toEqual(
      [
        ...["WebSocket over TLS", "HTTPS", "HTTP", "DNS", "NTP", "TeamViewer"],
        ...["IoT Hub", "DNS", "Port", "Service tag", "Terminal", "Windows 10 IoT"],
        ...["Proxy", "IoT Hub", "Flow API", "TeamViewer", "Proxy", "IoT Hub", "TeamViewer", "region"],
      ].sort(),
    );
    const rows = exampleList.destinations.flatMap(({ purpose, protection, revocation, dataLocation }) =>
      [purpose, protection, revocation, dataLocation].flatMap((text) => text ?? []),
    );
    const notes = createRules(exampleList, "no").flatMap(({ note, triedWith, checked }) => [
      note,
      triedWith ?? checked,
    ]);
    // The name of Microsoft's page is a link.
    const join = (texts: string[]) => texts.join("\n").replace(/\[[^\]]*\]/g, "");
    const bilingual = [...rows, ...notes];
    expect(join([...norwegian.values(), ...bilingual.map((text) => text.no)])).not.toMatch(
      /\b(the|and|with|every|undefined|NaN)\b/i,
    );
    expect(join([...english.values(), ...bilingual.map((text) => text.en)])).not.toMatch(
      /\b(og|ikke|med|undefined|NaN)\b/i,
    );
    for (const text of bilingual) expect(text.no).not.toBe(text.en);
  });

  test.each(["no", "en"] as const)(
    "names every destination in %s, in Markdown, HTML and JSON",
    (language) => {
      const sheet = exampleSheet(language);
      const json = JSON.stringify(sheetValue(sheet));
      const [md, page] = [renderSheetMarkdown(sheet), renderSheetHtml(sheet)];
      for (const host of hosts)
        for (const text of [md, page.replaceAll("<wbr>", ""), json]) expect(text).toContain(host);
    },
  );

  test("gives TeamViewer's ports in the order in which they are tried", () => {
    expect(section("teamviewer").blocks).toContainEqual({
      kind: "list",
      items: ["TCP/UDP 5938", "TCP 443", "TCP 80"],
      isOrdered: true,
    });
  });

  test("says where data rests and for how long, as the stack's outputs say", () => {
    expect(markdown).toContain("med en kopi i North Europe (EU)");
    expect(markdown).toContain("kan gjenopprettes av oss i 14 dager til");
    expect(markdown).toContain("lagret i 90 dager");
  });

  test("warns that a service tag is for every tenant, with the file's date and the number of its addresses", () => {
    const text = renderSheetMarkdown(en);
    expect(text).toContain("Microsoft's file of 2026-12-21, change number 345");
    expect(text).toContain("2 ranges, 128 IPv4 addresses");
    expect(text).toContain("IoT Hubs and storage accounts of every other customer");
    expect(text).toContain("no service tag `AzureCloud.norwayeast`");
  });

  test("names what changed since the older list", () => {
    const table = section("changes").blocks.find((block) => block.kind === "table");
    expect(table?.kind === "table" && table.rows).toEqual([
      {
        cells: [
          "`example.azure-devices.net`",
          "Endret: vertsnavn",
          "old.azure-devices.net",
          "example.azure-devices.net",
        ],
      },
      { cells: ["`time.windows.com`", "Ny", "–", "`time.windows.com`"] },
      { cells: ["`former.example.com`", "Fjernet", "`former.example.com`", "–"] },
    ]);
  });

  test("has a version that changes with a row, and not with the time", () => {
    const rules = createRules(exampleList, "no");
    const versionOf = (list: typeof exampleList) => createSheet({ list, language: "no", rules }).version;
    const changed = structuredClone(exampleList);
    for (const row of changed.destinations) row.requirement = "optional";
    const hash = (version: string) => version.split(" ")[1];
    expect(versionOf(exampleList)).toMatch(/^2026-12-24 \([0-9a-f]{8}\)$/);
    expect(hash(versionOf({ ...exampleList, createdAt: "2027-01-01T00:00:00.000Z" }))).toBe(
      hash(versionOf(exampleList)),
    );
    expect(versionOf(changed)).not.toBe(versionOf(exampleList));
  });

  test("shows a contact's name as text, not as markup", () => {
    const page = renderSheetHtml(no);
    expect(page).toContain("Drift &#38; &#60;b&#62;Støtte&#60;/b&#62; *AS*");
    expect(page).not.toContain("<b>");
    expect(markdown).toContain("\\<b\\>Støtte\\</b\\> \\*AS\\*");
  });

  test("tells whom to call, and without a contact says so", () => {
    expect(markdown).toContain("[+47 22 00 00 00](tel:+4722000000)");
    expect(markdown).toContain("Hverdager 08:00–16:00");
    const { support: _, ...list } = exampleList;
    const without = createSheet({ list, language: "no", rules: createRules(list, "no") });
    expect(renderSheetMarkdown(without)).toContain("den vanlige kontakten");
  });

  test("is one HTML file that loads nothing and runs no script", () => {
    const page = renderSheetHtml(no);
    expect(page).toContain("default-src 'none'");
    expect(page).not.toMatch(/<(script|link|img|iframe|object|base)\b|\bon\w+=|@import|url\((?!#)|\bsrc=/i);
    const links = [...page.matchAll(/href="([^"]*)"/g)].map(([, url]) => url);
    expect(links.filter((url) => !/^(#|https:\/\/|mailto:|tel:)/.test(url ?? ""))).toEqual([]);
  });
});

describe("inline Markdown", () => {
  test("parses code, bold, links and escapes, and keeps what is none", () => {
    expect(parseInline("a `b*` **c** [d](https://e.example) \\*f\\* *")).toEqual([
      { kind: "text", text: "a " },
      { kind: "code", text: "b*" },
      { kind: "text", text: " " },
      { kind: "bold", parts: [{ kind: "text", text: "c" }] },
      { kind: "text", text: " " },
      { kind: "link", parts: [{ kind: "text", text: "d" }], url: "https://e.example" },
      { kind: "text", text: " *f* *" },
    ]);
    expect(plainText("**a** `b` \\[c")).toBe("a b [c");
  });
});
