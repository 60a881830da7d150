import { writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { idsOf, makeTerminals } from "../fleet-by-hand.ts";
import { auditRole } from "../fleet-harness.ts";
import { onboardedFleet } from "../onboarding/onboarding-desk.ts";
import { type CliResult, jsonLines } from "../run-cli.ts";

const customer = "example-customer";
const { fleet, operator, folder, desk, close } = await onboardedFleet("told", 5);
afterAll(close);

const run = (...args: string[]): Promise<CliResult> => desk.run([...args, "--outputs", desk.outputs]);
const sealed = ["--out", desk.out, "--recipient", desk.recipient, "--yes"];

interface Shown {
  stage: string;
  terminals?: string[];
  failed?: { terminal: string; message: string }[];
  about?: { command: string; customer?: string; terminals?: string[]; count?: number; reason?: string };
  result?: { outcome: string; details?: Record<string, unknown> };
  late?: true;
}

async function records(...args: string[]): Promise<Shown[]> {
  return jsonLines(await run("audit", "show", "--json", ...args)) as unknown as Shown[];
}

/** The lines of `audit show`, without times and names. */
async function lines(...args: string[]): Promise<string[]> {
  const { stdout } = await run("audit", "show", ...args);
  return stdout
    .trimEnd()
    .split("\n")
    .map((line) => line.replace(/^\S+ \S+ {2}/, "").replace(/application \S+/, "by"));
}

describe("a customer's record", () => {
  beforeAll(async () => {
    const file = folder.file("employees.csv");
    writeFileSync(file, "1001\n");
    expect((await run("send", "told-0", file)).code).toBe(0);
    expect((await run("request", "told-0", "terminal.log")).code).toBe(0);
    const [offer] = jsonLines(await run("files", "told-0", "--json"));
    expect((await run("files", "told-0", "--withdraw", offer?.id as string, "--yes")).code).toBe(0);
    expect((await run("revoke", "told-1", "--reason", "stolen", "--yes")).code).toBe(0);
    expect((await run("reinstate", "told-1", ...sealed)).code).toBe(0);
    expect((await run("replace", "told-2", "told-9", "--wait", "0", ...sealed)).code).toBe(5);
    expect((await run("retire", "told-3", "--after", "0", "--yes", "--reason", "scrapped")).code).toBe(0);
    expect((await run("retire", "told-3", "--yes")).code).toBe(0);
  });

  test("has every change of its terminals, with what was done to which of them", async () => {
    const told = await lines("--customer", customer);
    const expected: [string, RegExp][] = [
      ["onboard", /5 terminals +done .*file batch\.csv/],
      ["send", /told-0 +done .*file employees\.csv/],
      ["request", /told-0 +done .*file terminal\.log/],
      ["withdraw", /told-0 +done .*file employees\.csv/],
      ["revoke", /told-1 +done .*"stolen"/],
      ["reinstate", /told-1 +done/],
      ["replace", /told-2, told-9 +waiting .*site Site 0/],
      ["", /told-9 has not connected to the IoT Hub; told-2 still works/],
      ["retire", /told-3 +done .*state marked, after \d{4}-.*"scrapped"/],
      ["retire", /told-3 +done .*state deleted/],
    ];
    expect(told).toHaveLength(expected.length);
    for (const [index, [command, rest]] of expected.entries()) {
      const whose = command ? `${command.padEnd(9)}  ${customer} ` : "    ";
      expect(told[index]?.startsWith(whose), told[index]).toBe(true);
      expect(told[index]).toMatch(rest);
    }
    for (const { about } of (await records()).filter(({ stage }) => stage === "begin")) {
      expect(about).toMatchObject({ customer });
    }
  });

  test("is not another one's", async () => {
    expect(await records("--customer", "another-customer")).toEqual([]);
  });

  test("holds no change that its command line could not have meant", async () => {
    const before = await records();
    const bad = folder.file("bad..");
    writeFileSync(bad, "");
    for (const args of [
      ["request", "told-0", "a/b"],
      ["send", "told-0", bad],
      ["files", "told-0", "--withdraw", "nothing", "--yes"],
      ["retire", "told-99", "--yes"],
    ]) {
      expect((await run(...args)).code, args.join(" ")).toBeGreaterThan(0);
    }
    expect(await records()).toEqual(before);
  });
});

test("a revocation of more terminals than a record names: each is named before and after, also when the log is away", async () => {
  const ids = idsOf("many", 510);
  for (let start = 0; start < ids.length; start += 100) {
    await makeTerminals(operator, ids.slice(start, start + 100), { customer: "large-customer", site: "A" });
  }
  const giveBack = fleet.withdraw(auditRole);
  const args = ["revoke", "--customer", "large-customer", "--reason", "closed", "--yes", "--json"];
  const result = await run(...args);
  giveBack();
  expect(result.code, result.stdout.slice(-500)).toBe(0);
  // The next change adds what could not be written.
  expect((await run("request", "told-0", "terminal.log")).code).toBe(0);
  const all = await records("--customer", "large-customer");
  expect(all.map(({ stage, terminals, late }) => [stage, terminals?.length, late])).toEqual([
    ["begin", undefined, true],
    ["before", 500, true],
    ["before", 10, true],
    ["after", 500, true],
    ["after", 10, true],
    ["end", undefined, true],
  ]);
  const named = (stage: string) =>
    all.flatMap((one) => (one.stage === stage ? (one.terminals ?? []) : [])).sort();
  expect(named("before")).toEqual(ids.toSorted());
  expect(named("after")).toEqual(ids.toSorted());
  expect(all.at(-1)).toMatchObject({
    about: { customer: "large-customer", count: 510 },
    result: { outcome: "done", details: { closed: 510, open: 0 } },
  });
});
