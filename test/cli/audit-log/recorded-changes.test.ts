import { writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ChangeCollector } from "../../../cli/audit-log/change-collector.ts";
import type { ChangeDescription } from "../../../cli/audit-log/record.ts";
import { idsOf, makeTerminals } from "../fleet-by-hand.ts";
import { auditRole } from "../fleet-harness.ts";
import { onboardedFleet } from "../onboarding/onboarding-desk.ts";
import type { CliResult } from "../run-cli.ts";

const customer = "example-customer";
const { fleet, operator, folder, desk, close } = await onboardedFleet("t", 5);
afterAll(close);

const run = (...args: string[]): Promise<CliResult> =>
  desk.runInProcess([...args, "--outputs", desk.outputs]);
const sealed = ["--out", desk.out, "--recipient", desk.recipient, "--yes"];

/** A record of any stage, with the properties that these tests compare. */
interface AnyRecord {
  stage: string;
  terminals?: string[];
  about?: ChangeDescription;
  late?: true;
}

/** The records that `audit show --json` prints. */
async function records(filter: { customer?: string } = {}): Promise<AnyRecord[]> {
  const collector = new ChangeCollector(filter);
  const shown: AnyRecord[] = [];
  for await (const record of operator.audit.reader.records()) shown.push(...collector.add(record).records);
  return shown;
}

/** The lines of `audit show` without times and accounts. */
async function lines(...args: string[]): Promise<string[]> {
  const { stdout } = await run("audit", "show", ...args);
  return stdout
    .trimEnd()
    .split("\n")
    .map((line) => line.replace(/^\d+ \w+ \d{4} [\d:]+ \S+ +/, "").replace(/application \S+/, "by"));
}

describe("`audit show --customer`", () => {
  beforeAll(async () => {
    const file = folder.file("employees.csv");
    writeFileSync(file, "1001\n");
    expect((await run("send", "t-0", file)).code).toBe(0);
    expect((await run("request", "t-0", "terminal.log")).code).toBe(0);
    const [offer] = await operator.offers.list("t-0");
    expect((await run("files", "t-0", "--withdraw", offer?.id as string, "--yes")).code).toBe(0);
    expect((await run("revoke", "t-1", "--reason", "stolen", "--yes")).code).toBe(0);
    expect((await run("reinstate", "t-1", ...sealed)).code).toBe(0);
    expect((await run("replace", "t-2", "t-9", "--wait", "0", ...sealed)).code).toBe(5);
    expect((await run("retire", "t-3", "--after", "0", "--yes", "--reason", "scrapped")).code).toBe(0);
    expect((await run("retire", "t-3", "--yes")).code).toBe(0);
  });

  test("lists every change of the customer's terminals with terminals, outcome and details", async () => {
    const shown = await lines("--customer", customer);
    const expected: [string, RegExp][] = [
      ["onboard", /5 terminals +done .*file batch\.csv/],
      ["send", /t-0 +done .*file employees\.csv/],
      ["request", /t-0 +done .*file terminal\.log/],
      ["withdraw", /t-0 +done .*file employees\.csv/],
      ["revoke", /t-1 +done .*"stolen"/],
      ["reinstate", /t-1 +done/],
      ["replace", /t-2, t-9 +waiting .*site Site 0/],
      ["", /t-9 has not connected to the IoT Hub; t-2 still works/],
      ["retire", /t-3 +done .*marked for deletion, deletion possible from \d.*"scrapped"/],
      ["retire", /t-3 +done .*deleted/],
    ];
    expect(shown).toHaveLength(expected.length);
    for (const [index, [command, rest]] of expected.entries()) {
      const start = command ? `${command.padEnd(9)}  ${customer} ` : "    ";
      expect(shown[index]?.startsWith(start), shown[index]).toBe(true);
      expect(shown[index]).toMatch(rest);
    }
    for (const { about } of (await records()).filter(({ stage }) => stage === "begin")) {
      expect(about).toMatchObject({ customer });
    }
  });

  test("lists nothing for another customer", async () => {
    expect(await records({ customer: "another-customer" })).toEqual([]);
  });

  test("lists no change for a command that fails before it changes anything", async () => {
    const before = await records();
    const bad = folder.file("bad..");
    writeFileSync(bad, "");
    for (const args of [
      ["request", "t-0", "a/b"],
      ["send", "t-0", bad],
      ["files", "t-0", "--withdraw", "nothing", "--yes"],
      ["retire", "t-99", "--yes"],
    ]) {
      expect((await run(...args)).code, args.join(" ")).toBeGreaterThan(0);
    }
    expect(await records()).toEqual(before);
  });
});

test("a revocation of 510 terminals without the right to record names each terminal before and after, in pending records", async () => {
  const ids = idsOf("many", 510);
  for (let start = 0; start < ids.length; start += 100) {
    await makeTerminals(operator, ids.slice(start, start + 100), { customer: "large-customer", site: "A" });
  }
  const restore = fleet.withdraw(auditRole);
  const args = ["revoke", "--customer", "large-customer", "--reason", "closed", "--yes", "--json"];
  const result = await run(...args);
  restore();
  expect(result.code, result.stdout.slice(-500)).toBe(0);
  // The next change adds the pending records.
  expect((await run("request", "t-0", "terminal.log")).code).toBe(0);
  const all = await records({ customer: "large-customer" });
  expect(all.map(({ stage, terminals, late }) => [stage, terminals?.length, late])).toEqual([
    ["begin", undefined, true],
    ["before", 500, true],
    ["before", 10, true],
    ["after", 500, true],
    ["after", 10, true],
    ["end", undefined, true],
  ]);
  const terminalsOf = (stage: string) =>
    all.flatMap((one) => (one.stage === stage ? (one.terminals ?? []) : [])).sort();
  expect(terminalsOf("before")).toEqual(ids.toSorted());
  expect(terminalsOf("after")).toEqual(ids.toSorted());
  expect(all.at(-1)).toMatchObject({
    about: { customer: "large-customer", count: 510 },
    result: { outcome: "done", details: { closed: 510, open: 0 } },
  });
});
