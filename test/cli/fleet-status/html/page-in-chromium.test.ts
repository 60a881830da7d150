import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { renderPage } from "../../../../cli/fleet-status/html/page.ts";
import { Chromium } from "../../../../cli/network/sheet/pdf/chromium.ts";
import { type Language, useLanguage } from "../../../../cli/words/language.ts";
import { evaluateIn, findPageJudges, resizeScreen, setColourScheme } from "../../../support/chromium.ts";
import { exampleTerminals, pageArguments } from "./example-fleet.ts";

/* The status page in a real browser. Without one, the tests say that they were skipped, and why. */

const judges = await findPageJudges();
const why = typeof judges === "string" ? `skipped: ${judges}` : "in Chromium";
const terminals = { 40: exampleTerminals(40), 4000: exampleTerminals(4_000) };

describe.skipIf(typeof judges === "string")(`the status page, ${why}`, () => {
  if (typeof judges === "string") return;
  let browser: Chromium;
  beforeAll(async () => {
    browser = await Chromium.start(judges.chromium);
  });
  afterAll(async () => {
    await useLanguage("en");
    await browser?.[Symbol.asyncDispose]();
  });

  const evaluate = <Value>(expression: string) => evaluateIn<Value>(browser, expression);

  const resize = (width: number) => resizeScreen(browser, width);

  async function show(
    number: 40 | 4_000,
    language: Language,
    { width = 1200, scheme = "light" }: { width?: number; scheme?: "light" | "dark" } = {},
  ): Promise<void> {
    await useLanguage(language);
    await resize(width);
    await setColourScheme(browser, scheme);
    await browser.show(renderPage(...pageArguments(terminals[number])));
  }

  const openLists = (selector: string) =>
    evaluate<number>(
      `(() => { const all = document.querySelectorAll(${JSON.stringify(selector)}); for (const one of all) one.open = true; return all.length })()`,
    );

  test.each([
    [40, "en", 1200, "light"],
    [40, "no", 1200, "dark"],
    [40, "no", 390, "light"],
    [40, "en", 390, "dark"],
    [4_000, "no", 390, "dark"],
  ] as const)(
    "axe finds nothing with %i terminals in %s, %i pixels wide, in %s",
    async (number, language, width, scheme) => {
      await show(number, language, { width, scheme });
      await openLists("details.list:first-of-type");
      if (number === 40) await openLists("details.more");
      // The customers between have the same markup. With them axe takes a minute.
      await evaluate(
        `document.querySelectorAll(".customer:nth-of-type(n + 4):nth-last-of-type(n + 4)").forEach((one) => one.remove())`,
      );
      await evaluate(`${judges.axe}; 0`);
      const found = await evaluate<{ violations: object[]; passes: number }>(
        `axe.run({ resultTypes: ["violations"] }).then(({ violations, passes }) => ({
          violations: violations.map(({ id, nodes }) => ({ id, nodes: nodes.slice(0, 3).map(({ html }) => html) })),
          passes: passes.length,
        }))`,
      );
      expect(found.violations).toEqual([]);
      expect(found.passes).toBeGreaterThan(15);
    },
    60_000,
  );

  test.each(["en", "no"] as const)(
    "no ID and no duration breaks, and nothing leaves its screen, in %s",
    async (language) => {
      await show(40, language);
      await openLists("details.more");
      for (const width of [1600, 1445, 1280, 1200, 1000, 720, 390, 320]) {
        await resize(width);
        expect(await evaluate("document.documentElement.scrollWidth"), `${width}`).toBeLessThanOrEqual(width);
        const wrong = await evaluate<string[]>(
          `[...document.querySelectorAll("details.list")].flatMap((list) => {
          list.open = true;
          const shown = [...document.querySelectorAll(".id:not(.long), .age, .tile, td, th, li, p, h2, h3")];
          return shown.filter((one) => one.checkVisibility()).filter((one) => {
            const box = one.getBoundingClientRect();
            const isBroken = one.matches(".id, .age") && one.getClientRects().length > 1;
            return isBroken || box.right > innerWidth + 0.5 || (one.matches(".tile, td, th") && one.scrollWidth > one.clientWidth + 1);
          }).map((one) => one.textContent);
        })`,
        );
        expect(wrong, `${width}`).toEqual([]);
      }
    },
  );

  test.each([1200, 390])("opening a list moves nothing that was in view, %i pixels wide", async (width) => {
    await show(40, "en", { width });
    const moved = await evaluate<{ lists: number; moved: string[]; covered: string[] }>(
      `(() => {
        const parts = [...document.querySelectorAll("h2, h3, .card, .card > *, .frame, td, footer")].filter((one) => one.checkVisibility());
        const places = () => parts.map((one) => { const { x, y, width, height } = one.getBoundingClientRect(); return [x, y + scrollY, width, height].join() });
        const before = places();
        const lists = [...document.querySelectorAll("details.list")];
        const moved = [], covered = [];
        for (const list of lists) {
          list.open = true;
          places().forEach((place, index) => { if (place !== before[index]) moved.push(parts[index].textContent) });
          const item = list.querySelector("li");
          item.scrollIntoView({ block: "center" });
          const { left, top } = item.querySelector(".id").getBoundingClientRect();
          if (!item.contains(document.elementFromPoint(left + 2, top + 4))) covered.push(item.textContent);
        }
        return { lists: lists.length, moved, covered };
      })()`,
    );
    expect(moved).toEqual({ lists: expect.any(Number), moved: [], covered: [] });
    expect(moved.lists).toBeGreaterThan(10);
    // One list is open at a time, so that none covers another.
    expect(await evaluate("document.querySelectorAll('details.list[open]').length")).toBe(1);
  });

  test("on a phone, each remedy is in view below its terminal", async () => {
    await show(40, "no", { width: 390 });
    const rows = await evaluate<{ id: string; isBelow: boolean; inView: boolean; remedy: string }[]>(
      `[...document.querySelectorAll(".drift tbody tr")].map((row) => {
        const id = row.cells[0].getBoundingClientRect(), remedy = row.querySelector(".remedy"), box = remedy.getBoundingClientRect();
        return { id: row.cells[0].textContent, isBelow: box.top >= id.bottom - 1 && box.top - id.bottom < 40, inView: box.left >= 0 && box.right <= innerWidth, remedy: remedy.textContent };
      })`,
    );
    expect(rows).toHaveLength(4);
    for (const row of rows) {
      expect(row).toMatchObject({ isBelow: true, inView: true });
      expect(row.remedy).toContain(": ");
    }
  });

  test("4,000 terminals are laid out within seconds, with most lists closed", async () => {
    await show(4_000, "en");
    const page = await evaluate<{ rows: number; closed: number; cards: number; height: number }>(
      `(() => {
        const inView = (selector) => [...document.querySelectorAll(selector)].filter((one) => one.checkVisibility()).length;
        return { rows: inView(".drift tbody tr"), closed: inView("details:not([open])"), cards: inView(".card"), height: document.documentElement.scrollHeight };
      })()`,
    );
    expect(page.rows).toBeLessThanOrEqual(200);
    expect(page.cards).toBeLessThanOrEqual(120);
    expect(page.closed).toBeGreaterThan(100);
    expect(page.height).toBeLessThan(40_000);
  });
});
