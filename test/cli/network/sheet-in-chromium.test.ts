import { readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { renderSheetHtml } from "../../../cli/network/sheet/html/render-html.ts";
import { Chromium } from "../../../cli/network/sheet/pdf/chromium.ts";
import { evaluateIn, findPageJudges, resizeScreen, setColourScheme } from "../../support/chromium.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { exampleOutputs } from "../examples.ts";
import { jsonLines, runInProcess } from "../run-cli.ts";
import { exampleSheet } from "./sheet-inputs.ts";

/* The sheet in a real browser. Without one, the tests say that they were skipped, and why. */

const judges = await findPageJudges();
const why = typeof judges === "string" ? `skipped: ${judges}` : "in Chromium";

describe.skipIf(typeof judges === "string")(`the customer's sheet, ${why}`, () => {
  if (typeof judges === "string") return;
  let browser: Chromium;
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  beforeAll(async () => {
    browser = await Chromium.start(judges.chromium);
    folder = await temporaryFolder();
    writeFileSync(folder.file("outputs.json"), JSON.stringify(exampleOutputs));
  });
  afterAll(async () => {
    await browser?.[Symbol.asyncDispose]();
    await folder?.[Symbol.asyncDispose]();
  });

  const evaluate = <Value>(expression: string) => evaluateIn<Value>(browser, expression);

  async function show(language: "no" | "en", width: number, scheme: "light" | "dark"): Promise<void> {
    await resizeScreen(browser, width);
    await setColourScheme(browser, scheme);
    await browser.show(renderSheetHtml(exampleSheet(language)));
  }

  describe.each(["no", "en"] as const)("in %s", (language) => {
    test.each([
      ["a large screen in light", 1200, "light"],
      ["a large screen in dark", 1200, "dark"],
      ["a phone in light", 390, "light"],
      ["a phone in dark", 390, "dark"],
    ] as const)("axe finds nothing on %s", async (_name, width, scheme) => {
      await show(language, width, scheme);
      await evaluate(`${judges.axe}; 0`);
      const found = await evaluate<{ violations: object[]; passes: number }>(
        `axe.run().then(({ violations, passes }) => ({
          violations: violations.map(({ id, nodes }) => ({ id, nodes: nodes.slice(0, 3).map(({ html }) => html) })),
          passes: passes.length,
        }))`,
      );
      expect(found.violations).toEqual([]);
      expect(found.passes).toBeGreaterThan(20);
    });

    test.each([1200, 390, 320])("nothing is wider than a screen of %i pixels", async (width) => {
      await show(language, width, "light");
      expect(await evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(width);
      const wide = await evaluate<string[]>(
        `[...document.querySelectorAll("th, td, p, li, svg text")]
          .filter((one) => one.checkVisibility() && !one.closest("thead, caption"))
          .filter((one) => one.getBoundingClientRect().right > innerWidth || one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 0)
          .map((one) => one.textContent)`,
      );
      expect(wide).toEqual([]);
    });

    test("one of the two pictures is shown, with its text inside", async () => {
      for (const [width, shown] of [
        [1200, "wide"],
        [390, "tall"],
      ] as const) {
        await show(language, width, "light");
        const pictures = await evaluate<string[]>(
          `[...document.querySelectorAll("figure svg")].filter((one) => one.checkVisibility()).map((one) => one.getAttribute("class"))`,
        );
        expect(pictures).toEqual([shown]);
        // A text that leaves its box covers the next one.
        const outside = await evaluate<string[]>(
          `(() => {
            const svg = document.querySelector("svg.${shown}");
            const boxes = [...svg.querySelectorAll(".box, .wall")].map((one) => one.getBoundingClientRect());
            return [...svg.querySelectorAll(".name, .detail, .wall-name")].filter((text) => {
              const inner = text.getBoundingClientRect();
              return !boxes.some((box) => inner.left >= box.left && inner.right <= box.right + 0.5 && inner.top >= box.top && inner.bottom <= box.bottom + 0.5);
            }).map((text) => text.textContent);
          })()`,
        );
        expect(outside).toEqual([]);
      }
    });
  });

  test("`sheet --format pdf` prints A4 pages with a title", async () => {
    const file = folder.file("sheet.pdf");
    const result = await runInProcess(
      [
        "sheet",
        "--outputs",
        folder.file("outputs.json"),
        "--format",
        "pdf",
        "--lang",
        "no",
        "--out",
        file,
        "--json",
      ],
      { env: { CHROMIUM_PATH: judges.chromium } },
    );
    expect(result.code, result.stdout).toBe(0);
    expect(jsonLines(result)).toMatchObject([{ type: "sheet", format: "pdf", language: "no", file }]);
    const pdf = readFileSync(file, "latin1");
    expect(pdf.slice(0, 5)).toBe("%PDF-");
    // A4 is 595 by 842 points.
    const boxes = [...pdf.matchAll(/\/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]/g)];
    expect(boxes.length).toBeGreaterThan(3);
    for (const [, width, height] of boxes) {
      expect([Math.round(Number(width)), Math.round(Number(height))]).toEqual([595, 842]);
    }
    expect(pdf).toContain("/StructTreeRoot");
  });
});
