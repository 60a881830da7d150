import { afterEach, expect, test, vi } from "vitest";
import { rules as packRules } from "../../../policies/rules.ts";
import type { Waiver } from "../../../policies/waivers.ts";
import { waivers as reviewedWaivers } from "../../../policies/waivers.ts";
import { judgeFromOutside } from "../../../tools/outside-judges/outside-judges.ts";
import type { JudgeOutcome, OutsideResult } from "../../../tools/outside-judges/result.ts";
import { toTerminalText } from "../../../tools/outside-judges/terminal-text.ts";
import { findWaiverFaults, findWaivers, judgeOf } from "../../../tools/outside-judges/waive.ts";
import { temporaryFolder } from "../../support/folder.ts";

const result = (rule: string, logicalName: string, isPassed: boolean): OutsideResult => ({
  judge: "checkov",
  rule,
  demands: "Something.",
  url: "https://example.com",
  resource: { logicalName, urn: `urn:${logicalName}`, token: "azure-native:storage:StorageAccount" },
  isPassed,
  severity: "medium",
});

const outcome = (...results: OutsideResult[]): JudgeOutcome => ({
  judge: "checkov",
  version: "1",
  results: new Map([["dev", results]]),
  notJudged: [],
});

const waiver = (rule: string, until = "2027-01-01"): Waiver => ({
  rules: [rule],
  resources: ["files-account"],
  reason: "The design needs it.",
  owner: "terminal-operations",
  until,
});

const now = new Date("2026-06-01T00:00:00Z");
const failed = outcome(
  result("CKV_AZURE_59", "files-account", false),
  result("CKV_AZURE_59", "audit-account", false),
);

test("a waiver accepts a failure of its rule on its resource only", () => {
  const [files, audit] = findWaivers([failed], [waiver("CKV_AZURE_59")]);
  expect(files!.waiver).toMatchObject({ owner: "terminal-operations" });
  expect(audit!.waiver).toBeUndefined();
  expect(findWaivers([failed], [waiver("CKV_AZURE_35")])[0]!.waiver).toBeUndefined();
});

test("a waiver that no resource needs is a fault, unless a stack or its judge did not run", () => {
  const passed = outcome(result("CKV_AZURE_59", "files-account", true));
  const waivers = [waiver("CKV_AZURE_59"), waiver("Azure Policy 34c877ad"), waiver("storage-account-region")];
  expect(findWaiverFaults([passed], waivers, { now, isComplete: true })).toMatchObject([
    { rule: "CKV_AZURE_59", resource: "files-account", kind: "unused" },
  ]);
  expect(findWaiverFaults([passed], waivers, { now, isComplete: false })).toEqual([]);
  const notRun = { ...passed, results: new Map(), couldNotRun: "no Python" };
  expect(findWaiverFaults([notRun], waivers, { now, isComplete: true })).toEqual([]);
});

test("a waiver is valid on its last day, and a fault from the next day", () => {
  const waivers = [waiver("CKV_AZURE_59", "2026-05-31")];
  const faultsAt = (time: string) =>
    findWaiverFaults([failed], waivers, { now: new Date(time), isComplete: true });
  expect(faultsAt("2026-05-31T23:59:00Z")).toEqual([]);
  expect(faultsAt("2026-06-01T00:00:00Z")).toMatchObject([{ kind: "expired" }]);
});

test("every waived rule is one of the pack, or has the form of a rule that runs", () => {
  const known = new Set(packRules.map(({ id }) => id));
  const rules = reviewedWaivers.flatMap((each) => each.rules);
  expect(rules.filter((rule) => judgeOf(rule) === undefined && !known.has(rule))).toEqual([]);
});

afterEach(() => vi.unstubAllEnvs());

test("without Python, checkov is reported as not run and passes nothing", async () => {
  await using folder = await temporaryFolder();
  vi.stubEnv("PATH", folder.path);
  vi.stubEnv("TERMINAL_FLEET_CACHE", folder.file("cache"));
  const stacks = new Map([["dev", { subscriptionId: "1", resources: [], secretParameters: [] }]]);
  const verdict = await judgeFromOutside(stacks, {
    isComplete: true,
    without: ["Azure Policy"],
    waivers: [],
  });
  expect(verdict.findings).toMatchObject([{ level: "not judged", rule: "could-not-run", judge: "checkov" }]);
  expect(verdict.findings[0]!.problem).toMatch(
    /^checkov could not run, so it has passed nothing: python3? with the module venv is missing\. Install Python 3\.9/,
  );
  expect(verdict.scores).toMatchObject([{ name: "checkov (could not run)", passed: 0, rules: 0 }]);
  const text = toTerminalText(verdict);
  expect(text).toContain("checkov (could not run)");
  expect(text).not.toContain("Every rule is met");
});
