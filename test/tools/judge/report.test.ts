import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { expect, test } from "vitest";
import { toAnnotations } from "../../../tools/judge/report/annotations.ts";
import { createFinding } from "../../../tools/judge/report/finding.ts";
import { toSarif } from "../../../tools/judge/report/sarif.ts";
import { toSummary } from "../../../tools/judge/report/summary.ts";
import { environmentText } from "../../../tools/judge/report/terminal.ts";
import { commentCharacters, writeReport, writeToGitHub } from "../../../tools/judge/report/write-report.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { exampleFinding, exampleReport } from "./example-report.ts";
import { problemsOf } from "./json-schema.ts";

/* The views of a report: each is complete, valid for the program that reads it, and safe to show. */

const require = createRequire(import.meta.url);
/** OASIS's schema of SARIF 2.1.0 with its errata, as Microsoft packages it. */
const sarifSchema = require.resolve("@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json");

test("a report folder has the JSON, the SARIF log and the summary, each valid by its schema", async () => {
  await using folder = await temporaryFolder();
  const target = folder.file("a/report");
  writeReport(exampleReport(), target);
  const read = (name: string) => readFileSync(join(target, name), "utf8");
  const report = JSON.parse(read("report.json"));
  expect(report).toEqual(exampleReport());
  expect(problemsOf("tools/judge/report/report.schema.json", report)).toEqual([]);
  expect(problemsOf(sarifSchema, JSON.parse(read("report.sarif")))).toEqual([]);
  expect(read("summary.md")).toContain("## ❌ Judge: refused with 1 failure (1 high)");
});

test("the report's schema rejects an unknown field, a missing field and a level that does not exist", () => {
  const problems = (change: object) =>
    problemsOf("tools/judge/report/report.schema.json", { ...exampleReport(), ...change });
  expect(problems({ extra: 1 })).toHaveLength(1);
  expect(problems({ verdict: undefined })).toHaveLength(1);
  expect(problems({ findings: [{ ...exampleFinding(), level: "fatal" }] })).toHaveLength(1);
});

test("SARIF has failures only, with the line of the resource, the lines that called it, and the source's link", () => {
  const log = toSarif(
    exampleReport([
      exampleFinding(),
      exampleFinding({ level: "waived", waiver: { reason: "agreed", until: "2027-01-01" } }),
      exampleFinding({ level: "advisory" }),
      exampleFinding({ level: "not judged" }),
    ]),
  );
  const [run] = log.runs;
  expect(run?.results).toHaveLength(1);
  const [result] = run?.results ?? [];
  expect(result?.ruleId).toBe("iot-hub-minimum-tls");
  expect(result?.locations?.[0]?.physicalLocation).toEqual({
    artifactLocation: { uri: "components/terminal-hub.ts", uriBaseId: "PROJECT" },
    region: { startLine: 48 },
  });
  expect(result?.relatedLocations?.[0]?.physicalLocation?.artifactLocation?.uri).toBe("index.ts");
  expect(run?.tool.driver.rules?.[0]?.properties?.["security-severity"]).toBe("8.0");
  expect(run?.tool.driver.rules?.[0]?.helpUri).toContain("Azure.IoTHub.MinTLS");
});

test("a fingerprint depends on the rule and the URN, and stays when line, text and order change", () => {
  const prints = (...findings: Parameters<typeof exampleReport>[0] & object) =>
    toSarif(exampleReport(findings)).runs[0]?.results?.map(
      ({ partialFingerprints }) => partialFingerprints?.["ruleAndUrn/v1"],
    );
  const [before] = prints(exampleFinding()) ?? [];
  const moved = exampleFinding({ problem: "other words", location: { file: "index.ts", line: 7 } });
  expect(prints(moved)).toEqual([before]);
  expect(prints(exampleFinding({ rule: "another-rule" }))).not.toEqual([before]);
  // Two problems of one rule and resource are two results.
  expect(new Set(prints(exampleFinding(), moved))).toHaveLength(2);
});

test("an annotation names file, line and rule, and no value can end it or begin another", () => {
  const lines = toAnnotations(
    exampleReport([
      exampleFinding({
        rule: "a,file=x::y",
        problem: "100 %\r\n::error file=forged::text",
        remedy: "Set it.",
      }),
    ]),
  );
  expect(lines).toEqual([
    "::error file=components/terminal-hub.ts,line=48,title=a%2Cfile=x%3A%3Ay · prod · terminals-hub::" +
      "100 %25%0D%0A::error file=forged::text%0ARemedy: Set it.",
  ]);
});

test("annotations and the job summary are written where GitHub Actions runs, and nowhere else", async () => {
  await using folder = await temporaryFolder();
  const printed: string[] = [];
  const summary = folder.file("summary");
  const print = (line: string) => void printed.push(line);
  writeToGitHub(exampleReport(), { GITHUB_STEP_SUMMARY: summary }, print);
  expect(printed).toEqual([]);
  writeToGitHub(exampleReport(), { GITHUB_ACTIONS: "true", GITHUB_STEP_SUMMARY: summary }, print);
  expect(printed).toHaveLength(1);
  expect(readFileSync(summary, "utf8")).toContain("Judge: refused");
});

test("a summary that is too long for a comment ends with a sentence that says so, and keeps the failures", () => {
  const findings = Array.from({ length: 500 }, (_, index) =>
    createFinding({ ...exampleFinding(), problem: `Problem ${index}. ${"x".repeat(300)}` }),
  );
  const summary = toSummary(exampleReport(findings), { maximumCharacters: commentCharacters });
  expect(summary.length).toBeLessThanOrEqual(commentCharacters);
  expect(summary.length).toBeGreaterThan(commentCharacters - 1000);
  expect(summary).toMatch(/The summary is cut here: \d+ of \d+ lines are left out\./);
  expect(summary).toContain("Problem 0.");
  expect(summary.match(/<details>/g)?.length ?? 0).toBe(summary.match(/<\/details>/g)?.length ?? 0);
});

test("a value of the program cannot add a heading, a table cell, HTML, a link or a mention to the summary", () => {
  const hostile = "x |\n# ✅ passed <img src=a> [a](https://b.example) @org/team `code` #12";
  const resource = { ...exampleFinding().resource!, name: hostile };
  const summary = toSummary(exampleReport([exampleFinding({ problem: hostile, found: hostile, resource })]), {
    maximumCharacters: commentCharacters,
  });
  expect(summary).not.toContain("\n# ");
  expect(summary).not.toContain("<img");
  expect(summary).not.toContain("https://b.example");
  expect(summary).not.toContain("[a]");
  expect(summary).not.toContain("@org/team");
  expect(summary).not.toContain("`code`");
});

test("the text for a terminal shows control characters as their codes", () => {
  const findings = [exampleFinding({ problem: "bad\u001b[2J value" })];
  const text = environmentText(exampleReport().environments[0]!, findings);
  expect(text).toContain("iot-hub-minimum-tls: bad\\u{1b}[2J value");
  expect(text).toContain("Resource: terminals-hub in components/terminal-hub.ts:48 from index.ts:63");
  expect(text).not.toContain("\u001b");
});

test("findings that differ in their resource only are one entry for a person, and one result each in SARIF", () => {
  const resource = {
    ...exampleFinding().resource!,
    name: "other-hub",
    urn: "urn:pulumi:prod::p::t::other-hub",
  };
  const report = exampleReport([exampleFinding(), exampleFinding({ resource })]);
  const summary = toSummary(report, { maximumCharacters: commentCharacters });
  expect(summary.match(/\*\*iot-hub-minimum-tls\*\*/g)).toHaveLength(1);
  expect(summary).toContain("<code>terminals-hub</code>");
  expect(summary).toContain("<code>other-hub</code>");
  expect(toSarif(report).runs[0]?.results).toHaveLength(2);
});
