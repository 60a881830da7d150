import { readFileSync } from "node:fs";
import { afterAll, expect, test } from "vitest";
import { makeTerminals } from "../fleet-by-hand.ts";
import { onboardedFleet } from "../onboarding/onboarding-desk.ts";
import { jsonLines } from "../run-cli.ts";
import { hasTerminals, runOnTerminal } from "./run-on-terminal.ts";

/*
 * A fleet whose tags, reasons and records another program has filled with characters that act on a terminal. The command
 * line itself rejects such values; it must also show those that it meets.
 */

const site = "Hall\u001b[2J\u001b[H\u009b2J\r\nexample-000  fake  line\u202e\u2028";
const reason = "lost\u001b[1A\u001b[2K\n2026-01-01 00:00:00Z  fake";
const shownSite = "Hall\\u{1b}[2J\\u{1b}[H\\u{9b}2J\\u{d}\\u{a}example-000  fake  line\\u{202e}\\u{2028}";

const { fleet, operator, desk, folder, close } = await onboardedFleet("hostile", 1);
afterAll(close);
await makeTerminals(operator, ["hostile-tag"], { customer: "example-customer", site });
await operator.audit.record({ command: "revoke", terminals: ["hostile-tag"], reason }, async () => {});

const run = (...args: string[]) => desk.runInProcess([...args, "--outputs", desk.outputs]);
const expectNoneRaw = (text: string) =>
  expect(text).not.toMatch(/(?!\n)[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u);

test("status shows a site with escape sequences as text on one line, and with --json unchanged", async () => {
  const { stdout, code } = await run("status");
  expect(code).toBe(0);
  expectNoneRaw(stdout);
  const line = stdout.split("\n").filter((one) => one.startsWith("hostile-tag"));
  expect(line).toEqual([expect.stringContaining(shownSite.slice(0, 31))]);
  const asJson = await run("status", "--json");
  expectNoneRaw(asJson.stdout);
  const found = jsonLines(asJson).find(({ terminal }) => terminal === "hostile-tag");
  expect(found?.site).toBe(site);
});

test("the status page has no character that acts", async () => {
  const page = folder.file("fleet.html");
  expect((await run("status", "--html", page)).code).toBe(0);
  const text = readFileSync(page, "utf8");
  expectNoneRaw(text);
  expect(text).toContain(shownSite);
});

test("audit show writes a reason with escape sequences and line breaks on the line of its change", async () => {
  const { stdout, code } = await run("audit", "show", "--terminal", "hostile-tag");
  expect(code).toBe(0);
  expectNoneRaw(stdout);
  expect(stdout.trim().split("\n")).toEqual([
    // The line break was written to the log as a space.
    expect.stringContaining('"lost\\u{1b}[1A\\u{1b}[2K 2026-01-01 00:00:00Z fake"'),
  ]);
});

test.skipIf(!hasTerminals)("the question of revoke shows the whole site above the prompt", async () => {
  const args = ["revoke", "hostile-tag", "--outputs", desk.outputs, "--reason", "lost"];
  const { code, shown } = await runOnTerminal(args, { env: fleet.env, answers: [["[y/N]", "n\r"]] });
  expect(code, shown).toBe(130);
  expect(shown).toContain(shownSite);
  expect(shown).not.toContain("\u001b[2J");
  expect(shown).not.toContain("\u202e");
  expect((await operator.registry.get("hostile-tag"))?.status).toBe("enabled");
});

test("an argument with escape sequences is quoted as text in a usage error, with its suggestion below", async () => {
  const { stderr, code } = await run("status", "--custome\u001b[2J");
  expect(code).toBe(2);
  expectNoneRaw(stderr);
  expect(stderr).toMatch(/^error: unknown option '--custome\\u\{1b\}\[2J'\n/);
  const { stderr: suggested } = await run("status", "--custome", "x");
  expect(suggested).toMatch(/^error: unknown option '--custome'\n\(Did you mean --customer\?\)\n/);
});
