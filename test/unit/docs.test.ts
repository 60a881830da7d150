import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { waivers } from "../../policies/waivers.ts";
import { settingsSchema } from "../../settings/schema.ts";

/* Tables in docs/ that would go stale without anybody noticing. */

const page = (name: string) => readFileSync(join(import.meta.dirname, "..", "..", "docs", name), "utf8");
const firstColumn = (text: string) =>
  [...text.matchAll(/^\| `([^`]+)` \|/gm)].map((match) => match[1]).sort();

test("docs/settings.md lists each setting, and no other", () => {
  expect(firstColumn(page("settings.md"))).toEqual(Object.keys(settingsSchema.shape).sort());
});

test("docs/policies.md lists each rule of the pack, and no other", async () => {
  const { rules } = await import("../../policies/rules.ts");
  expect(firstColumn(page("policies.md"))).toEqual(rules.map(({ name }) => name).sort());
});

test("every waiver says what, why, and until when", () => {
  for (const { reason, ...waiver } of waivers) {
    expect(reason.length, JSON.stringify(waiver)).toBeGreaterThan(20);
  }
});
