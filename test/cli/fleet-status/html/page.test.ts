import fc from "fast-check";
import { XMLParser, XMLValidator } from "fast-xml-parser";
import { describe, expect, test } from "vitest";
import type { TerminalStatus } from "../../../../cli/fleet-status/drift.ts";
import { html } from "../../../../cli/fleet-status/html/markup.ts";
import { renderPage } from "../../../../cli/fleet-status/html/page.ts";
import { Sites } from "../../../../cli/fleet-status/sites.ts";

const now = Date.parse("2025-11-24T12:00:00Z");
const head = { environment: "dev", hubHostName: "example-hub.azure-devices.net", scope: "", now };
const parser = new XMLParser({
  ignoreAttributes: false,
  preserveOrder: true,
  htmlEntities: true,
  trimValues: false,
});

function terminal(change: Partial<TerminalStatus>): TerminalStatus {
  return {
    terminal: "example-001",
    customer: "example",
    site: "Town hall",
    state: "connected",
    files: { waiting: 0, delivered: 0, failed: 0 },
    drift: [],
    ...change,
  };
}

function pageOf(terminals: TerminalStatus[], options?: ConstructorParameters<typeof Sites>[0]): string {
  const sites = new Sites(options);
  for (const one of terminals) sites.add(one);
  return renderPage(sites, head);
}

/** The page's elements: well formed, as every reader takes them. */
function elements(text: string): { name: string; attributes: Record<string, string>; text: string }[] {
  const markup = text.replace(/^<!doctype html>\n/, "");
  expect(XMLValidator.validate(markup)).toBe(true);
  const found: ReturnType<typeof elements> = [];
  const walk = (nodes: Record<string, unknown>[]): string =>
    nodes
      .map((node) => {
        if ("#text" in node) return String(node["#text"]);
        const name = Object.keys(node).find((key) => key !== ":@") as string;
        const inner = walk(node[name] as Record<string, unknown>[]);
        found.push({ name, attributes: (node[":@"] ?? {}) as Record<string, string>, text: inner });
        return inner;
      })
      .join("");
  walk(parser.parse(markup) as Record<string, unknown>[]);
  return found;
}

const texts = (text: string, name: string) =>
  elements(text)
    .filter((element) => element.name === name)
    .map((element) => element.text);

describe("the page", () => {
  test("shows a square for each terminal at its site, with a ring around what does not fit", () => {
    const text = pageOf([
      terminal({ lastSeen: "2025-11-24T11:57:00Z" }),
      terminal({ terminal: "example-002", state: "revoked", reason: "stolen", drift: ["flowStillOpen"] }),
      terminal({ terminal: "example-003", site: "Pool", state: "never-seen" }),
      terminal({ terminal: "example-004", site: undefined, state: "offline" }),
    ]);
    const found = elements(text);
    const pictures = found.filter(({ attributes }) => attributes["@_class"] === "picture");
    expect(pictures.map(({ attributes }) => attributes["@_aria-label"])).toEqual([
      "1 terminal",
      "1 terminal at Pool",
      "2 terminals at Town hall",
    ]);
    expect(found.filter(({ attributes }) => attributes["@_class"] === "ring")).toHaveLength(1);
    expect(texts(text, "title")).toContain("example-001: connected, seen 3 min ago");
    expect(texts(text, "td")).toContain("It is revoked at the IoT Hub and not at the Flow API.");
    expect(texts(text, "h3").map((one) => one.trim())).toEqual([
      "no site example",
      "Pool example",
      "Town hall example",
    ]);
  });

  test("loads nothing, runs nothing, and says so to the browser", () => {
    const text = pageOf([terminal({})]);
    const names = new Set(elements(text).map(({ name }) => name));
    for (const name of ["script", "link", "img", "iframe", "object", "a", "form"])
      expect(names).not.toContain(name);
    expect(text).toContain("default-src 'none'");
    expect(text).not.toMatch(/https?:|url\(|@import|javascript:|\son\w+=/);
  });

  test("whatever people call things stays a text", () => {
    const nasty = fc.oneof(
      fc.string({ unit: "grapheme", maxLength: 20 }),
      fc.constantFrom(
        "</td><script>alert(1)</script>",
        '"><img src=x onerror="x()">',
        "&lt;b&gt;",
        "]]>",
        "\u0000\ud800",
      ),
    );
    fc.assert(
      fc.property(nasty, nasty, nasty, (customer, site, reason) => {
        const text = pageOf([terminal({ customer, site, reason, name: reason, drift: ["noFlowRow"] })]);
        const plain = pageOf([
          terminal({ customer: "c", site: "s", reason: "r", name: "r", drift: ["noFlowRow"] }),
        ]);
        const shape = (from: string) => elements(from).map(({ name }) => name);
        expect(shape(text)).toEqual(shape(plain));
      }),
    );
    expect(texts(pageOf([terminal({ site: "<b>Hall & Co</b>" })]), "h3")[0]).toContain("<b>Hall & Co</b>");
    expect(html`<p title="${"'\"<>&"}">${["a", html`<b/>`]}</p>`.text).toBe(
      '<p title="&#39;&#34;&#60;&#62;&#38;">a<b/></p>',
    );
  });

  test("of a large fleet has bars and numbers, and does not grow with it", () => {
    const many = (count: number) =>
      Array.from({ length: count }, (_, n) =>
        terminal({
          terminal: `t-${n}`,
          site: `Site ${n % 10}`,
          state: n % 3 === 0 ? "offline" : "connected",
          drift: n % 5 === 0 ? ["noContainer"] : [],
        }),
      );
    const text = pageOf(many(3_000), { mostTerminals: 1_000, mostDrifting: 50 });
    expect(texts(text, "title")).toContain("100 offline");
    expect(texts(text, "title")).not.toContain("t-1: connected");
    expect(text).toContain("and 550 more");
    const larger = pageOf(many(30_000), { mostTerminals: 1_000, mostDrifting: 50 });
    expect(larger.length).toBeLessThan(text.length * 1.1);
  });

  test("draws a site of more than 400 terminals as a bar, beside smaller ones with squares", () => {
    const large = Array.from({ length: 401 }, (_, n) => terminal({ terminal: `large-${n}`, site: "Large" }));
    const found = texts(pageOf([...large, terminal({})]), "title");
    expect(found).toContain("401 connected");
    expect(found).toContain("example-001: connected");
  });

  test("of an empty fleet is a page too", () => {
    expect(texts(pageOf([]), "h1")).toEqual(["Terminals of dev"]);
  });
});
