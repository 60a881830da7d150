import fc from "fast-check";
import { XMLParser, XMLValidator } from "fast-xml-parser";
import { afterEach, describe, expect, test } from "vitest";
import { drifts, type TerminalStatus } from "../../../../cli/fleet-status/drift.ts";
import { describeDrift } from "../../../../cli/fleet-status/drift-words.ts";
import { html } from "../../../../cli/fleet-status/html/markup.ts";
import { renderPage } from "../../../../cli/fleet-status/html/page.ts";
import { Sites } from "../../../../cli/fleet-status/sites.ts";
import { useLanguage } from "../../../../cli/words/language.ts";
import { exampleTerminals, pageArguments } from "./example-fleet.ts";

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

/** The elements of a page, which must be well-formed XML. */
function elementsOf(text: string): { name: string; attributes: Record<string, string>; text: string }[] {
  const markup = text.replace(/^<!doctype html>\n/, "");
  expect(XMLValidator.validate(markup)).toBe(true);
  const all: ReturnType<typeof elementsOf> = [];
  const walk = (nodes: Record<string, unknown>[]): string =>
    nodes
      .map((node) => {
        if ("#text" in node) return String(node["#text"]);
        const name = Object.keys(node).find((key) => key !== ":@") as string;
        const inner = walk(node[name] as Record<string, unknown>[]);
        all.push({ name, attributes: (node[":@"] ?? {}) as Record<string, string>, text: inner });
        return inner;
      })
      .join("");
  walk(parser.parse(markup) as Record<string, unknown>[]);
  return all;
}

const texts = (text: string, name: string) =>
  elementsOf(text)
    .filter((element) => element.name === name)
    .map((element) => element.text);

describe("the status page", () => {
  test("shows a square for each terminal at its site, with a ring around one with drift", () => {
    const text = pageOf([
      terminal({ lastSeen: "2025-11-24T11:57:00Z" }),
      terminal({ terminal: "example-002", state: "revoked", reason: "stolen", drift: ["flowStillOpen"] }),
      terminal({ terminal: "example-003", site: "Pool", state: "never-seen" }),
      terminal({ terminal: "example-004", site: undefined, state: "offline" }),
    ]);
    const all = elementsOf(text);
    const drawings = all.filter(({ attributes }) => attributes["@_class"] === "picture");
    expect(drawings.map(({ attributes }) => attributes["@_aria-label"])).toEqual([
      "1 terminal",
      "1 terminal at Pool",
      "2 terminals at Town hall",
    ]);
    expect(all.filter(({ attributes }) => attributes["@_class"] === "ring")).toHaveLength(1);
    expect(texts(text, "title")).toContain("example-001: connected, seen 3 min ago");
    expect(texts(text, "td")).toContain(
      "It is revoked at the IoT Hub but not at the Flow API: revoke it again.",
    );
    expect(texts(text, "h3").map((one) => one.trim())).toEqual([
      "no site example",
      "Pool example",
      "Town hall example",
    ]);
  });

  test("contains no script, link or form, and forbids them with a content security policy", () => {
    const text = pageOf([terminal({})]);
    const names = new Set(elementsOf(text).map(({ name }) => name));
    for (const name of ["script", "link", "img", "iframe", "object", "a", "form"])
      expect(names).not.toContain(name);
    expect(text).toContain("default-src 'none'");
    expect(text).not.toMatch(/https?:|url\(|@import|javascript:|\son\w+=/);
  });

  test("shows names and reasons as text, whatever characters they contain", () => {
    const hostileText = fc.oneof(
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
      fc.property(hostileText, hostileText, hostileText, (customer, site, reason) => {
        const text = pageOf([terminal({ customer, site, reason, name: reason, drift: ["noFlowRow"] })]);
        const plain = pageOf([
          terminal({ customer: "c", site: "s", reason: "r", name: "r", drift: ["noFlowRow"] }),
        ]);
        const shape = (from: string) => elementsOf(from).map(({ name }) => name);
        expect(shape(text)).toEqual(shape(plain));
      }),
    );
    expect(texts(pageOf([terminal({ site: "<b>Hall & Co</b>" })]), "h3")[0]).toContain("<b>Hall & Co</b>");
    expect(html`<p title="${"'\"<>&"}">${["a", html`<b/>`]}</p>`.text).toBe(
      '<p title="&#39;&#34;&#60;&#62;&#38;">a<b/></p>',
    );
  });

  test("shows control characters and direction marks as their codes, in texts and in tooltips", () => {
    const site = "Hall\u001b[2J\u202e\nPool";
    const text = pageOf([terminal({ site, terminal: "a\nb", drift: ["noFlowRow"] })]);
    expect(text).not.toMatch(/(?!\n)[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u);
    expect(texts(text, "h3")[0]).toContain("Hall\\u{1b}[2J\\u{202e}\\u{a}Pool");
    expect(texts(text, "title")).toContain(
      "a\\u{a}b: connected\nIt is half onboarded (no Flow key row): onboard its batch again.",
    );
  });

  test("shows a large fleet as bars and counts, so that the page does not grow with the fleet", () => {
    const many = (count: number) =>
      Array.from({ length: count }, (_, n) =>
        terminal({
          terminal: `t-${n}`,
          site: `Site ${n % 10}`,
          state: n % 3 === 0 ? "offline" : "connected",
          drift: n % 5 === 0 ? ["noContainer"] : [],
        }),
      );
    const text = pageOf(many(3_000), { maxTerminals: 1_000, maxDrifting: 50 });
    expect(texts(text, "title")).toContain("100 offline");
    expect(texts(text, "title")).not.toContain("t-1: connected");
    expect(text).toContain("and 550 more");
    const larger = pageOf(many(30_000), { maxTerminals: 1_000, maxDrifting: 50 });
    expect(larger.length).toBeLessThan(text.length * 1.1);
  });

  test("draws a site of more than 400 terminals as a bar, beside smaller ones with squares", () => {
    const large = Array.from({ length: 401 }, (_, n) => terminal({ terminal: `large-${n}`, site: "Large" }));
    const all = texts(pageOf([...large, terminal({})]), "title");
    expect(all).toContain("401 connected");
    expect(all).toContain("example-001: connected");
  });

  test("is well-formed for a fleet without terminals", () => {
    expect(texts(pageOf([]), "h1")).toEqual(["Terminals of dev"]);
  });

  describe("grouped by customer", () => {
    afterEach(() => useLanguage("en"));
    const namesOf = (text: string) => texts(text, "h3").map((one) => one.replace(/ example$/, ""));
    const customersOf = (text: string) => texts(text, "h2").map((one) => one.split(" ")[0]);

    test("shows customers with an open access path first, then with other drift, then with similar sites", () => {
      const text = pageOf([
        terminal({ customer: "aa" }),
        terminal({ customer: "zz", drift: ["noFlowRow"] }),
        terminal({ customer: "yy", terminal: "b", drift: ["noFlowRow"] }),
        terminal({ customer: "yy", terminal: "c", drift: ["noPolicy", "filesStillOpen"] }),
        terminal({ customer: "bb" }),
      ]);
      expect(customersOf(text)).toEqual(["yy", "zz", "aa", "bb"]);
      const ids = texts(text, "tr").map((row) => row.split(" ")[0]);
      expect(ids.slice(1, 3)).toEqual([expect.stringMatching(/^c/), expect.stringMatching(/^b/)]);
      const sites = new Sites();
      for (const customer of ["aa", "bb"]) sites.add(terminal({ customer }));
      const similar = (customer: string) => ({
        customer,
        same: true,
        sites: [{ site: "A b", terminals: 1 }],
      });
      const findings = { similarSites: [similar("bb"), similar("absent")], imports: [] };
      const found = texts(renderPage(sites, { ...head, findings }), "h2").map((one) => one.split(" ")[0]);
      expect(found).toEqual(["Sites", "bb", "aa"]);
    });

    test("sorts sites by the alphabet of the language", async () => {
      const fleet = ["Østre", "Zoo", "Åsen", "Ærfugl", "Aasen", "Lager 10", "Lager 9"].map((site) =>
        terminal({ site }),
      );
      expect(namesOf(pageOf(fleet))).toEqual([
        "Aasen",
        "Ærfugl",
        "Åsen",
        "Lager 9",
        "Lager 10",
        "Østre",
        "Zoo",
      ]);
      await useLanguage("no");
      const norwegian = namesOf(pageOf(fleet));
      expect(norwegian.slice(0, 5)).toEqual(["Lager 9", "Lager 10", "Zoo", "Ærfugl", "Østre"]);
      expect(norwegian.slice(5).toSorted()).toEqual(["Aasen", "Åsen"]);
    });

    test.each(["en", "no"] as const)(
      "names a remedy beside each kind of drift, in the words of the table, in %s",
      async (language) => {
        await useLanguage(language);
        const cells = texts(
          pageOf(drifts.map((drift, n) => terminal({ terminal: `t-${n}`, drift: [drift] }))),
          "td",
        );
        for (const drift of drifts) {
          const sentence = describeDrift(drift);
          expect(sentence).toMatch(/: .+\.$/);
          expect(cells).toContain(sentence);
        }
      },
    );

    test("shows a tile for each state, and the labels of a terminal", () => {
      const labels = { floor: "2", spare: "yes" };
      const all = elementsOf(pageOf([terminal({ labels, drift: ["noFlowRow"] })]));
      const ofClass = (name: string) => all.filter(({ attributes }) => attributes["@_class"] === name);
      expect(ofClass("tile").map(({ text }) => text.replace(/\s+/, " "))).toEqual([
        "1terminal",
        "1 connected",
        "0 offline",
        "0 never seen",
        "0 revoked",
        "0 no identity",
        "0files waiting",
      ]);
      // In the table of what needs attention, and in the list of the site.
      expect(ofClass("label").map(({ text }) => text)).toEqual([
        "floor=2",
        "spare=yes",
        "floor=2",
        "spare=yes",
      ]);
    });

    test("keeps lists of a large fleet closed, within 500 bytes a terminal", () => {
      const text = renderPage(...pageArguments(exampleTerminals(4_000)));
      expect(text.length).toBeLessThan(4_000 * 500);
      expect(text).not.toMatch(/<details[^>]* open/);
    });
  });
});
